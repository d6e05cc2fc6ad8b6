"""Captions: which one whom, and how they reach their readers."""
