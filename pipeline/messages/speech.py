"""What a speaker said, as sound in another language."""

from typing import ClassVar

from pipeline.messages.base import Said

PACKET_MS = 20
"""Duration of each Opus packet of a Speech."""


class Speech(Said, frozen=True, kw_only=True):
    """A run of Opus packets, 48 kHz mono, 20 ms each; a clause is one or more of these, `index` 0, 1, 2 ...

    Identity, by which duplicates are dropped: (utterance_id, clause, revision, language, index).
    A clause without sound (nothing said, or skipped) is one record without packets, `clause_end` set.
    """

    TOPIC: ClassVar[str] = "audio.synthesized"
    SCHEMA: ClassVar[str] = "speech"

    packets: tuple[bytes, ...]
    language: str
    clause: int
    revision: int = 0
    index: int
    # How many packets of the clause stand in the records before this one: whoever speaks a clause again may pack it
    # otherwise, and its packets are still known for what they are.
    packets_before: int = 0
    # Nothing of this clause follows.
    clause_end: bool
    # Nothing of this utterance follows: its last clause's end.
    last: bool = False
    # Waits at the node until its segmenter confirms this revision; a later revision, or a final, takes its place.
    speculative: bool = False
    ended_at_ms: int = 0
    # Of the clause's text.
    characters: int = 0
    skipped: bool = False
    reason: str = ""
    engine: str = ""

    @property
    def key(self) -> str:
        return f"{self.room_id}/{self.user_id}/{self.language}"

    @property
    def duration_ms(self) -> int:
        """How long it sounds."""
        return len(self.packets) * PACKET_MS

    @property
    def empty(self) -> bool:
        return not self.packets
