"""Records as Kafka has them, and as the bus does. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeline.bus.bus import Record
from pipeline.bus.topics import Topic
from pipeline.messages.base import Message
from pipeline.messages.codec import UnreadableRecordError, decode, headers
from pipeline.messages.unreadable import Unreadable


class KafkaRecord(Protocol):
    """What is used of aiokafka's ConsumerRecord."""

    partition: int
    offset: int
    # Epoch milliseconds: when it was published.
    timestamp: int
    key: bytes | None
    value: bytes | None

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """By name, in their order."""
        ...


def key_of(record: KafkaRecord) -> str:
    """Give the key as text; what is not UTF-8 in it is replaced."""
    return (record.key or b"").decode(errors="replace")


def read(topic: Topic, record: KafkaRecord) -> Record:
    """Read a record; as an `Unreadable` if it is no message of ours."""
    said = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    key, value = key_of(record), record.value or b""
    return Record(
        topic.name,
        key,
        _message(topic, key, record, said),
        said,
        record.partition,
        record.offset,
        value,
        record.timestamp,
    )


def _message(topic: Topic, key: str, record: KafkaRecord, said: Mapping[str, str]) -> Message:
    value = record.value or b""
    try:
        if len(value) > topic.max_bytes:
            raise UnreadableRecordError(f"{len(value)} bytes, where {topic.name} has at most {topic.max_bytes}")
        message = decode(value, said)
        if topic.name != message.TOPIC:
            raise UnreadableRecordError(f"a {message.SCHEMA} on {topic.name}")
        if message.key.encode() != (record.key or b""):
            raise UnreadableRecordError("its key is another one's")
    except UnreadableRecordError as error:
        return Unreadable(record_key=key, value=value, why=error.why)
    return message


def wire_headers(message: Message) -> list[tuple[str, bytes]]:
    """Give the headers under which a message travels, as bytes."""
    return [(name, value.encode()) for name, value in headers(message).items()]
