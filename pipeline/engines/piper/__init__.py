"""What the Piper engine is made of: its voices, its program, and the tether by which that program ends with us."""
