"""A piece of one speaker's sound."""

from media_server.direct.frame import SoundFrame


def test_a_frame_may_be_only_a_mark() -> None:
    """Without sound it still says whose utterance has ended."""
    frame = SoundFrame(
        "ann", "voice", "u1", 7, "es", 1, last=True, ended_at_ms=0, offset_ms=0, sound=b"", duration_ms=0
    )
    assert (frame.speaker_id, frame.utterance_id, frame.last) == ("ann", "u1", True)
