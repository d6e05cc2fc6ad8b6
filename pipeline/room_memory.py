"""What the workers know of the rooms: the newest RoomSettings of each, as the compacted topic brings them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.bus.bus import Bus
from pipeline.following import follow
from pipeline.matching import match
from pipeline.messages.base import Message
from pipeline.messages.room_settings import RoomSettings
from pipeline.recent import Recent

TERMS = 500
"""Terms of a room's glossary that are used; what is beyond is left out."""
TERM_CHARACTERS = 100
"""Longer terms are no terms, and are left out."""


class Known(NamedTuple):
    """One room."""

    settings: RoomSettings
    # The glossary for the languages that were asked for so far: at most those of the glossary.
    glossaries: dict[str, Mapping[str, str]]
    # The glossary's terms, in its order.
    terms: tuple[str, ...]


class RoomMemory:
    """Remembers the settings of `size` rooms; when full, the one that changed longest ago is forgotten.

    A room that ended is forgotten at once. A worker follows the topic while it is open; the stage asks.
    """

    def __init__(self, size: int = 1_000, *, ended: Callable[[str], None] | None = None) -> None:
        """Remember nothing yet. `ended` is told the ids of rooms that end, for what else is remembered of them."""
        self._rooms: Recent[str, Known] = Recent(size)
        self._ended = ended

    def __len__(self) -> int:
        return len(self._rooms)

    def note(self, message: Message) -> None:
        """Learn from a record; others than RoomSettings say nothing."""
        if not isinstance(message, RoomSettings):
            return
        if message.ended:
            self._rooms.forget(message.room_id)
            if self._ended is not None:
                self._ended(message.room_id)
            return
        terms = tuple(term for term in message.glossary if 0 < len(term.strip()) <= TERM_CHARACTERS)[:TERMS]
        self._rooms.set(message.room_id, Known(message, {}, terms))

    def glossary(self, room_id: str, target: str) -> Mapping[str, str]:
        """Give a room's renderings in a language, by the terms in the language spoken."""
        known = self._rooms.get(room_id)
        if known is None or not known.terms:
            return {}
        closest = match(target, {tag for term in known.terms for tag in known.settings.glossary[term]})
        if closest is None:
            return {}
        made = known.glossaries.get(closest)
        if made is None:
            glossary = known.settings.glossary
            made = {term: glossary[term][closest] for term in known.terms if glossary[term].get(closest)}
            known.glossaries[closest] = made
        return made

    def formality(self, room_id: str) -> str:
        """Say how people are addressed in a room."""
        known = self._rooms.get(room_id)
        return "default" if known is None else known.settings.formality

    def terms(self, room_id: str, most: int) -> tuple[str, ...]:
        """Give the words that recognition listens for, the first ones of the glossary."""
        known = self._rooms.get(room_id)
        return () if known is None else known.terms[:most]

    async def follow(self, bus: Bus, group: str = "") -> None:
        """Learn from everything on the topic, what stands there first, until the bus closes."""
        await follow(bus, RoomSettings.TOPIC, group, self.note)
