"""What is kept of a room beside its captions, as it stands in Redis; and how captions stand there. Pure."""

from collections.abc import Mapping

import msgspec

from pipeline.messages.codec import UnreadableRecordError, decode, encode, headers
from signaling.captions.caption import Text
from signaling.hosting.room_state import RoomState


class RoomRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Enough to go on with a room whose node is gone."""

    # None: nobody has set anything.
    state: RoomState | None = None
    # Participant -> the page that is them, so that one that was replaced does not win its place back.
    pages: Mapping[str, str] = {}


EMPTY = RoomRecord()

_records = msgspec.msgpack.Decoder(RoomRecord)
_texts = msgspec.msgpack.Decoder(tuple[dict[str, str], bytes])
_encode = msgspec.msgpack.encode


def write_record(record: RoomRecord) -> bytes:
    """Write what is kept of a room."""
    return _encode(record)


def read_record(kept: bytes) -> RoomRecord | None:
    """Read it; None if it is of a version that this program does not know."""
    try:
        return _records.decode(kept)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def write_text(text: Text) -> bytes:
    """Write a caption's text."""
    return _encode((headers(text), encode(text)))


def read_text(kept: bytes) -> Text | None:
    """Read it; None as above."""
    try:
        names, value = _texts.decode(kept)
        message = decode(value, names)
    except (msgspec.DecodeError, UnicodeDecodeError, UnreadableRecordError):
        return None
    return message if isinstance(message, Text) else None
