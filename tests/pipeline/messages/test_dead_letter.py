"""Dead letters as messages."""

import zlib

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.messages import DeadLetter
from pipeline.messages.dead_letter import DamagedLetterError

LETTER = DeadLetter(
    stage="recognition",
    error="EngineError",
    message="",
    attempts=5,
    original_topic="audio.raw",
    original_key="room/ann",
    original_partition=3,
    original_offset=8,
    original_headers={},
    originals=(b"one", b"two"),
    first_failed_at_ms=0,
    worker_version="1.0",
)


def test_its_name_is_where_its_original_stood() -> None:
    """The same for every copy, another one for every other record."""
    assert LETTER.id == replace(LETTER, attempts=1, originals=()).id
    assert len({replace(LETTER, original_offset=offset).id for offset in range(100)}) == 100


def test_it_keeps_the_order_of_its_original() -> None:
    """And names the room."""
    assert (LETTER.key, LETTER.room_id) == ("room/ann", "room")


def test_originals_come_out_as_they_went_in() -> None:
    """Compressed or not."""
    packed = zlib.compress(msgspec.msgpack.encode(LETTER.originals))
    for letter in (LETTER, replace(LETTER, originals=(packed,), compression="zlib")):
        assert letter.records() == (b"one", b"two")


@pytest.mark.parametrize("packed", [b"no zlib", zlib.compress(b"no msgpack"), zlib.compress(bytes(100))[:-8]])
def test_a_damaged_letter_says_so(packed: bytes) -> None:
    """In one kind of error."""
    with pytest.raises(DamagedLetterError):
        replace(LETTER, originals=(packed,), compression="zlib").records()
