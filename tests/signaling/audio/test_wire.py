"""Sound as a binary message."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_server.direct.frame import SoundFrame
from signaling.audio.wire import parse, serialize

FRAME = SoundFrame(
    speaker_id="ann",
    kind="voice",
    utterance_id="u1",
    sequence=42,
    language="es",
    timestamp_ms=1_767_225_600_000,
    last=False,
    ended_at_ms=1_767_225_598_700,
    offset_ms=100,
    sound=b"\1\2\3\4",
    duration_ms=100,
)


def test_a_message_is_a_length_a_header_and_sound() -> None:
    """As PROTOCOL.md has it, byte for byte."""
    message = serialize(FRAME, "es")
    (length,) = struct.unpack("<H", message[:2])
    assert json.loads(message[2 : 2 + length]) == {
        "speaker_id": "ann",
        "utterance_id": "u1",
        "sequence": 42,
        "kind": "voice",
        "language": "es",
        "timestamp_ms": 1_767_225_600_000,
        "last": False,
        "ended_at_ms": 1_767_225_598_700,
    }
    assert message[2 + length :] == b"\1\2\3\4"


def test_what_is_written_can_be_read() -> None:
    """The header, and the sound."""
    header, sound = parse(serialize(FRAME, "es-MX"))
    assert (header.speaker_id, header.sequence, header.language, sound) == ("ann", 42, "es-MX", FRAME.sound)


@given(st.binary(max_size=200))
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(ValueError, match="header"):
        parse(data)
