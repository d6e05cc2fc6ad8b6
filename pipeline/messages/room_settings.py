"""What a room asks of the workers."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from pipeline.messages.base import Message


class RoomSettings(Message, frozen=True, kw_only=True):
    """Kept compacted by room, so that a worker that starts late still learns it."""

    TOPIC: ClassVar[str] = "room.settings"
    SCHEMA: ClassVar[str] = "room_settings"

    room_id: str
    # Term in the language spoken -> the room's own rendering, by target language.
    glossary: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    formality: str = "default"
    # The room has ended: everything that is remembered of it is forgotten.
    ended: bool = False

    @property
    def key(self) -> str:
        return self.room_id
