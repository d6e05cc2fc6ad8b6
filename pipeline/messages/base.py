"""What every message on the bus has in common."""

from typing import ClassVar, Literal

import msgspec

Purpose = Literal["live", "history", "replay"]
"""live: for ears and captions now; history: for late joiners; replay: from the dead letters. Only live is spoken."""


class Times(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When an utterance passed each stage, in epoch milliseconds; None until it did.

    Each stage copies what it was given and adds its own two.
    """

    # The sound's last sample reached the node.
    captured_at_ms: int | None = None
    # Where the segmenter puts the last speech in the utterance, once it has seen the silence behind it.
    speech_ended_at_ms: int | None = None
    recognition_in_ms: int | None = None
    recognition_out_ms: int | None = None
    translation_in_ms: int | None = None
    translation_out_ms: int | None = None
    synthesis_in_ms: int | None = None
    synthesis_out_ms: int | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said on the bus. Fields that are added later have defaults; see `VERSION`."""

    # The topic on which it travels, and the name and version of its schema. A new major version means that old readers
    # must not guess: they send the record to the dead letters.
    TOPIC: ClassVar[str]
    SCHEMA: ClassVar[str]
    VERSION: ClassVar[int] = 1

    @property
    def key(self) -> str:
        """What keeps its order: records of one key are delivered in the order in which they were published."""
        raise NotImplementedError(type(self).__name__)


class Said(Message, frozen=True, kw_only=True):
    """Anything that stems from one speaker's utterance."""

    room_id: str
    user_id: str
    # For order and for people; never goes backwards for a key.
    sequence_number: int
    utterance_id: str
    times: Times = Times()
    purpose: Purpose = "live"

    @property
    def key(self) -> str:
        return f"{self.room_id}/{self.user_id}"

    @property
    def empty(self) -> bool:
        """Whether there is neither text nor sound in it: a tombstone, or an end at which nothing was said."""
        raise NotImplementedError(type(self).__name__)
