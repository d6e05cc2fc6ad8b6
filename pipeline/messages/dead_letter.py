"""A record that failed for good, kept whole so that it can be looked at and replayed."""

from typing import ClassVar

from pipeline.messages.base import Message


class DeadLetter(Message, frozen=True, kw_only=True):
    """The original record and why it could not be done. At recognition it holds the whole utterance."""

    TOPIC: ClassVar[str] = "pipeline.dlq"
    SCHEMA: ClassVar[str] = "dead_letter"

    stage: str
    error: str
    message: str
    attempts: int
    original_topic: str
    original_key: str
    original_partition: int
    original_offset: int
    original_headers: dict[str, str]
    # The records' encoded values, untouched; several at recognition: every chunk of the utterance.
    originals: tuple[bytes, ...]
    first_failed_at_ms: int
    worker_version: str

    @property
    def key(self) -> str:
        return self.original_key
