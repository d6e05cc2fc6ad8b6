"""What the pocketsphinx engine is made of: its decoders, and what it remembers of voices."""
