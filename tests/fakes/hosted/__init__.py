"""Engines for child processes: they do what the text of a request says, good or bad."""
