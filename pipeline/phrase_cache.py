"""Short phrases that are said again and again in a room: "thank you", "can you hear me"."""

from typing import NamedTuple

from prometheus_client import Counter

from pipeline.recent import Recent

PHRASES = Counter(
    "parley_translation_phrases_total", "Short phrases that were looked up, by whether they were there.", ["found"]
)


class Phrase(NamedTuple):
    """Everything a translation depends on, but for what was said before, which hardly matters for so short a text."""

    source: str
    target: str
    text: str
    # Which engine does the pair now: what a worse one said is not kept when the better one is back.
    engine: str
    formality: str
    # The room's own renderings, as pairs.
    glossary: tuple[tuple[str, str], ...]


class PhraseCache:
    """Remembers `size` phrases of each of `rooms` rooms; what was said longest ago goes first, whole rooms included."""

    def __init__(self, *, rooms: int, size: int, longest: int) -> None:
        """`longest`: characters; longer texts are hardly ever said twice. 0: nothing is remembered."""
        self._rooms: Recent[str, Recent[Phrase, str]] = Recent(rooms)
        self._size = size
        self._longest = longest

    def __len__(self) -> int:
        return len(self._rooms)

    def takes(self, phrase: Phrase) -> bool:
        """Whether a phrase is short enough."""
        return 0 < len(phrase.text) <= self._longest

    def get(self, room_id: str, phrase: Phrase) -> str | None:
        """Give a phrase's translation, if it was heard in this room."""
        if not self.takes(phrase):
            return None
        room = self._rooms.get(room_id)
        found = None if room is None else room.get(phrase)
        if room is not None and found is not None:
            room.set(phrase, found)
            self._rooms.set(room_id, room)
        PHRASES.labels("no" if found is None else "yes").inc()
        return found

    def set(self, room_id: str, phrase: Phrase, translation: str) -> None:
        """Remember a translation, if the phrase is short enough."""
        if not self.takes(phrase) or not translation:
            return
        room = self._rooms.get(room_id)
        if room is None:
            room = Recent(self._size)
        room.set(phrase, translation)
        self._rooms.set(room_id, room)

    def forget(self, room_id: str) -> None:
        """Forget a room: it ended. Harmless if there is none."""
        self._rooms.forget(room_id)
