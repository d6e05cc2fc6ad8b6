"""What the Coqui engine is made of: its models, their weights, and whose voice is which."""
