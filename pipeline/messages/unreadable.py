"""A record that no reader of this version can understand."""

from typing import ClassVar

from pipeline.messages.base import Message


class Unreadable(Message, frozen=True, kw_only=True):
    """Stands for such a record where a worker takes it, so that it can become a dead letter. Is never published."""

    TOPIC: ClassVar[str] = ""
    SCHEMA: ClassVar[str] = ""

    record_key: str
    # The bytes as they were on the wire.
    value: bytes
    # For people, and without anything that was in the record.
    why: str

    @property
    def key(self) -> str:
        return self.record_key
