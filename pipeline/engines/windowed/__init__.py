"""Hearing with a recogniser that takes whole recordings: a growing utterance is given to it again and again."""
