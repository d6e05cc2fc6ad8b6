"""Transcripts."""

from tests.pipeline.support import chunk, transcript


def test_a_transcript_stays_with_its_sound() -> None:
    """Same key, so the same partition."""
    assert transcript().key == chunk().key
