"""How somebody sounds who lets a synthesizer speak in their own voice."""

from typing import ClassVar

from pipeline.messages.base import Message

LONGEST_MS = 7_000
"""More sound than this is not used, and would not fit into a record."""


class VoiceReference(Message, frozen=True, kw_only=True):
    """A few seconds of a speaker's speech, sent only with their consent; kept compacted by speaker.

    It holds for one room. `ended` takes it back: they left, the room ended, or they do not consent any more.
    """

    TOPIC: ClassVar[str] = "room.settings"
    SCHEMA: ClassVar[str] = "voice_reference"

    room_id: str
    user_id: str
    # 16 kHz mono s16le, at most LONGEST_MS of it; empty when it has ended.
    payload: bytes = b""
    # When they said so, in epoch milliseconds.
    consented_at_ms: int = 0
    ended: bool = False

    @property
    def key(self) -> str:
        return f"{self.room_id}/{self.user_id}"
