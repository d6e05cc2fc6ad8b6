"""What was said in a room from its start to its end. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.messages.language import hears, reads
from signaling.transcripts.entry import Begun, Ended, Said

Place = tuple[str, int]
"""Utterance and clause."""


class Cue(NamedTuple):
    """One clause as a reader gets it."""

    said: Said
    # What was recognised, where that is another text.
    source: Said | None = None


class Session:
    """The texts of one session, each clause in each language once. At most `most_texts`; then it is full."""

    def __init__(self, room_id: str, started_at_ms: int, *, most_texts: int) -> None:
        self.room_id = room_id
        # Epoch milliseconds; the end is None while the room is open.
        self.started_at_ms = started_at_ms
        self.ended_at_ms: int | None = None
        self._most_texts = most_texts
        # By place and language; what was recognised has None.
        self._texts: dict[Place, dict[str | None, Said]] = {}
        self._count = 0

    @classmethod
    def read(cls, entries: Iterable[Begun | Said | Ended | None], *, most_texts: int) -> "Session | None":
        """Read a session from the lines of its file; None: they are of no session."""
        session: Session | None = None
        for entry in entries:
            if isinstance(entry, Begun) and session is None:
                session = cls(entry.room_id, entry.at_ms, most_texts=most_texts)
            elif session is not None and isinstance(entry, Said):
                session.take(entry)
            elif session is not None and isinstance(entry, Ended):
                session.ended_at_ms = entry.at_ms
        return session

    def __len__(self) -> int:
        """Say how many texts there are."""
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether nothing more is taken."""
        return self._count >= self._most_texts

    def take(self, said: Said) -> bool:
        """Take a text; say whether it is news. What is there stays: only what was never said is new."""
        key = None if said.source_language is None else said.language
        texts = self._texts.setdefault((said.utterance_id, said.clause), {})
        if key in texts or self.is_full:
            return False
        texts[key] = said
        self._count += 1
        return True

    def copy(self) -> "Session":
        """Give one that does not change any more."""
        copy = Session(self.room_id, self.started_at_ms, most_texts=self._most_texts)
        copy.ended_at_ms, copy._count = self.ended_at_ms, self._count
        copy._texts = {place: dict(texts) for place, texts in self._texts.items()}
        return copy

    @property
    def languages(self) -> frozenset[str]:
        """The languages in which there is anything: spoken ones, and those of translations."""
        return frozenset(said.language for texts in self._texts.values() for said in texts.values())

    def has(self, language: str) -> bool:
        """Whether anything can be read in a language."""
        return any(reads(language, each) or hears(language, each) for each in self.languages)

    def cues(self, language: str | None) -> list[Cue]:
        """Give the clauses in the order of their beginnings, as a reader of a language gets them.

        That is the translation that they read; or where there is none, and for None, what was recognised.
        """
        cues = [_cue(texts, language) for texts in self._texts.values()]
        return sorted((cue for cue in cues if cue), key=lambda cue: (cue.said.started_at_ms, cue.said.ended_at_ms))


def _cue(texts: dict[str | None, Said], language: str | None) -> Cue | None:
    spoken = texts.get(None)
    if language is None or (spoken is not None and hears(language, spoken.language)):
        return None if spoken is None else Cue(spoken)
    translations = [said for key, said in texts.items() if key is not None and reads(language, key)]
    # Of several that they read, their own.
    best = min(translations, key=lambda said: (said.language != language, said.language), default=None)
    if best is None:
        return None if spoken is None else Cue(spoken)
    return Cue(best, spoken)
