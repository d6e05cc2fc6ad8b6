"""Records as Kafka has them, and what becomes of those that cannot be read."""

from dataclasses import dataclass, field

import msgspec
import pytest

from pipeline.bus.kafka.records import read, wire_headers
from pipeline.bus.topics import TOPICS
from pipeline.messages.codec import encode
from pipeline.messages.unreadable import Unreadable
from tests.pipeline.support import chunk, transcript

SOUND = TOPICS[0]
HEADERS = [("schema", b"audio_chunk"), ("version", b"1")]


@dataclass
class Raw:
    value: bytes | None
    key: bytes | None = b"room/ann"
    headers: list[tuple[str, bytes | None]] = field(default_factory=lambda: list[tuple[str, bytes | None]](HEADERS))
    partition: int = 3
    offset: int = 7
    timestamp: int = 1_700_000_000_000


def test_a_record_comes_as_it_was_published() -> None:
    """With where it stands, when it was published, and the bytes as they were."""
    value = encode(chunk())
    record = read(SOUND, Raw(value))
    assert (record.topic, record.key, record.message) == ("audio.raw", "room/ann", chunk())
    assert (record.partition, record.offset, record.timestamp_ms) == (3, 7, 1_700_000_000_000)
    assert (record.value, dict(record.headers)) == (value, {"schema": "audio_chunk", "version": "1"})


def test_headers_travel_as_bytes() -> None:
    """Those that the codec gives."""
    assert wire_headers(chunk()) == HEADERS


def bent(**fields: object) -> bytes:
    """Give a chunk with other values in some of its fields."""
    return msgspec.msgpack.encode(msgspec.msgpack.decode(encode(chunk())) | fields)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (Raw(encode(chunk())[:50]), "audio_chunk: "),
        (Raw(b""), "audio_chunk: "),
        (Raw(None), "audio_chunk: "),
        (Raw(encode(chunk()), headers=[]), "no schema named ''"),
        (Raw(encode(chunk()), headers=[("schema", b"audio_chunk"), ("version", b"2")]), "version '2'"),
        (Raw(encode(chunk()), headers=[("schema", None)]), "no schema named ''"),
        (Raw(bytes(300_000)), "300000 bytes, where audio.raw has at most 262144"),
        (Raw(encode(chunk()).replace(b"ann", b"a\xffn")), "audio_chunk: "),
        (Raw(bent(sequence_number=-1)), "audio_chunk: sequence_number is negative"),
        (Raw(bent(language="gibberish")), "audio_chunk: its language is none"),
        (Raw(encode(chunk(user="bob"))), "its key is another one's"),
        (Raw(encode(chunk()), key=None), "its key is another one's"),
        (
            Raw(encode(transcript()), headers=[("schema", b"transcript"), ("version", b"1")]),
            "a transcript on audio.raw",
        ),
    ],
)
def test_what_cannot_be_read_says_why_and_keeps_its_bytes(raw: Raw, why: str) -> None:
    """It stands where the record stood, and is never guessed at."""
    record = read(SOUND, raw)
    assert isinstance(record.message, Unreadable)
    assert record.message.why.startswith(why)
    assert record.message.value == record.value == (raw.value or b"")
    assert (record.message.key, record.offset) == (record.key, 7)


def test_a_key_that_is_no_text_is_shown_as_far_as_it_is() -> None:
    """It is that of nobody's record."""
    record = read(SOUND, Raw(encode(chunk()), key=b"room/\xff"))
    assert record.key == "room/�"
    assert isinstance(record.message, Unreadable)
