"""Voices on their way to the ears: put in order (pure), then paced."""
