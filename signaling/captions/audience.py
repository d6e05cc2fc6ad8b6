"""Who reads in one room, and what is remembered of what was said there."""

import itertools
from collections.abc import Callable

from signaling.captions.caption import Caption, Reader
from signaling.captions.room_captions import RoomCaptions

NAMES = 1_000
"""Speakers of a room whose names are remembered after they left; when full, the one who spoke first is forgotten."""

CaptionSink = Callable[[Caption], None]
"""Takes a caption for one reader. Never blocks, never raises."""


class Audience:
    """The readers of a room, its captions, and the names of those who spoke."""

    def __init__(self, history: int, *, most_languages: int) -> None:
        """Remember `history` clauses; have words translated into `most_languages` for those who only read."""
        self._history = history
        self._most_languages = most_languages
        self.captions = RoomCaptions(history)
        # Asked anew for each caption, since languages change in mid-call.
        self.readers: dict[object, tuple[Callable[[], Reader], CaptionSink]] = {}
        # The language in which each reader has been given what came before.
        self.caught_up: dict[object, str | None] = {}
        # A transcript is kept of what is said here now; and its keeper is given the texts, also those that come late.
        self.kept = False
        self.followed = False
        # It was restored from elsewhere: remembered until then (monotonic seconds), even if nobody is here.
        self.awaited_until = 0.0
        # As the media server was told last; None: nobody needs words.
        self.told: frozenset[str] | None = None
        self._names: dict[str, str] = {}
        # Languages into which what was said before was translated.
        self._asked: set[str] = set()

    @property
    def is_used(self) -> bool:
        """Whether anybody has to do with it now."""
        return bool(self.readers) or self.kept or self.followed

    @property
    def wanted(self) -> frozenset[str] | None:
        """The languages that are read by others than participants, whose listening languages count by themselves.

        None: nobody reads, and nothing is kept.
        """
        if not (self.readers or self.kept):
            return None
        readers = [reader() for reader, _ in self.readers.values()]
        # In the order in which they came.
        languages = dict.fromkeys(
            reader.language
            for reader in readers
            if reader.language is not None and reader.translated and reader.participant_id is None
        )
        return frozenset(itertools.islice(languages, self._most_languages))

    def may_ask(self, language: str) -> bool:
        """Whether what was said before may be translated into a language; it counts from then on."""
        if language not in self._asked and len(self._asked) >= self._most_languages:
            return False
        self._asked.add(language)
        return True

    def begin_anew(self) -> None:
        """Forget what was said: the room has ended, and whoever comes next has nothing to do with it."""
        self.captions = RoomCaptions(self._history)
        self._names.clear()
        self._asked.clear()

    def name(self, speaker_id: str, name: str | None) -> str | None:
        """Give a speaker's name: what they are called now, or if they have left, were called."""
        if name is None:
            return self._names.get(speaker_id)
        if self._names.get(speaker_id) != name:
            self._names[speaker_id] = name
            if len(self._names) > NAMES:
                del self._names[next(iter(self._names))]
        return name
