"""Sound as a binary message: a header of JSON, and the sound itself behind it. Pure."""

import struct

import msgspec

from media_server.direct.frame import Kind, SoundFrame

_LENGTH = struct.Struct("<H")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a message's sound; see PROTOCOL.md."""

    speaker_id: str
    utterance_id: str
    sequence: int
    kind: Kind
    language: str
    timestamp_ms: int
    last: bool
    ended_at_ms: int = 0


_encode = msgspec.json.Encoder().encode


def serialize(frame: SoundFrame, language: str) -> bytes:
    """Write a message; `language` is that of the sound."""
    header = _encode(
        Header(
            speaker_id=frame.speaker_id,
            utterance_id=frame.utterance_id,
            sequence=frame.sequence,
            kind=frame.kind,
            language=language,
            timestamp_ms=frame.timestamp_ms,
            last=frame.last,
            ended_at_ms=frame.ended_at_ms,
        )
    )
    return _LENGTH.pack(len(header)) + header + frame.sound


def parse(message: bytes) -> tuple[Header, bytes]:
    """Read a message: its header, and its sound.

    Raises:
        ValueError: it is none.
    """
    if len(message) < _LENGTH.size:
        raise ValueError("a message of sound begins with the length of its header")
    (length,) = _LENGTH.unpack_from(message)
    try:
        header = msgspec.json.decode(message[_LENGTH.size : _LENGTH.size + length], type=Header)
    except msgspec.DecodeError as error:
        raise ValueError(f"no header of sound: {error}") from None
    return header, message[_LENGTH.size + length :]
