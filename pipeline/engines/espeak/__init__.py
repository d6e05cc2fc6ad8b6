"""What the espeak engine is made of: its languages, its voices, and one run of its program."""
