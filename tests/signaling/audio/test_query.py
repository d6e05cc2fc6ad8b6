"""What a client says when it opens an audio socket."""

import pytest

from signaling.audio.query import AudioQuery, BadQueryError, read


def test_nothing_need_be_said() -> None:
    """16 kHz mono both ways; a token beside it is somebody else's business."""
    query = read({"token": "secret"})
    assert query == AudioQuery()
    assert (query.format, query.sample_rate, query.frame_ms, query.bytes_per_second) == ("pcm", 16_000, 100, 32_000)


def test_everything_can_be_said() -> None:
    """As the table in PROTOCOL.md has it."""
    query = read(
        {
            "name": "Ann",
            "speaking_language": "en",
            "listening_language": "es",
            "original": "low",
            "captions": "1",
            "send": "0",
            "receive": "0",
            "format": "webm",
            "sample_rate": "48000",
            "channels": "2",
            "receive_format": "opus",
            "receive_frame_ms": "20",
        }
    )
    assert query == AudioQuery(
        name="Ann",
        speaking_language="en",
        listening_language="es",
        original="low",
        captions=True,
        send=False,
        receive=False,
        format="webm",
        sample_rate=48_000,
        channels=2,
        receive_format="opus",
        receive_frame_ms=20,
    )
    assert query.frame_ms == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "x" * 513),
        ("speaking_language", "x" * 65),
        ("original", "loud"),
        ("captions", "yes"),
        ("format", "mp3"),
        ("sample_rate", "1e4"),
        ("sample_rate", "-16000"),
        ("sample_rate", "96001"),
        ("sample_rate", "١٦٠٠٠"),
        ("sample_rate", "9" * 5_000),
        ("channels", "3"),
        ("receive_frame_ms", "0"),
        ("receive_frame_ms", "1020"),
    ],
)
def test_what_cannot_be_used_is_named(key: str, value: str) -> None:
    """By its key, and without the words of the client."""
    with pytest.raises(BadQueryError, match=key) as raised:
        read({key: value})
    assert value[:100] not in str(raised.value)
