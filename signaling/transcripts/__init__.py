"""Transcripts: what was said in rooms that keep it, written as it comes, and given out as subtitles and text."""
