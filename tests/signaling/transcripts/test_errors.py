"""What goes wrong with transcripts, in words."""

from signaling.transcripts.errors import NoTranscriptError, TranscriptError


def test_what_is_missing_is_named() -> None:
    """The room, and the language if one was asked for."""
    assert str(NoTranscriptError("demo")) == "nothing is kept of the room 'demo'"
    assert str(NoTranscriptError("demo", "es")).endswith(" in es")
    assert isinstance(NoTranscriptError("demo"), TranscriptError)
