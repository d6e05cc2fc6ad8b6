"""Who may come in: keys, tokens, and what they grant."""
