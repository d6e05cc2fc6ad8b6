"""Hearing with Whisper: windows of a growing utterance, decoded together with those of other speakers."""
