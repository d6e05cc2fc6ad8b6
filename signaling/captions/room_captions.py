"""A room's memory of captions: what is news, what whom, and what is shown to those who come late. Pure."""

import secrets
from collections import OrderedDict

import msgspec

from pipeline.messages import Transcript, Translation
from pipeline.messages.language import hears, reads
from signaling.captions.caption import CanTranslate, Caption, Reader, Text, choose

Place = tuple[str, int]
"""Where a text stands: its utterance and clause."""


def place_of(text: Text) -> Place:
    """Say where a text stands."""
    return text.utterance_id, text.clause


class _Clause:
    """What is known for good of one clause."""

    def __init__(self) -> None:
        self.transcript: Transcript | None = None
        self.translations: dict[str, Translation] = {}
        # Epoch milliseconds of the end of its sound.
        self.ended_at_ms = 0
        # How many finals the room had when each of these came; the key of the transcript is None.
        self.numbers: dict[str | None, int] = {}
        # Languages into which it was to be translated afterwards: all that were ever asked for, and those that are
        # still waited for.
        self.asked: set[str] = set()
        self.awaited: set[str] = set()

    @property
    def texts(self) -> list[Text]:
        transcript: list[Text] = [] if self.transcript is None else [self.transcript]
        return [*transcript, *self.translations.values()]

    def known(self, text: Text) -> Text | None:
        return self.transcript if isinstance(text, Transcript) else self.translations.get(text.language)

    def keep(self, text: Text, number: int) -> None:
        self.ended_at_ms = text.ended_at_ms
        self.numbers[_name(text)] = number
        if isinstance(text, Transcript):
            self.transcript = text
        else:
            self.translations[text.language] = text

    def holds_back(self, reader: Reader, text: Text) -> bool:
        """Whether a reader waits for this clause's translation, so that what was said is not shown to them yet."""
        if reader.language is None or not _shows_source(text) or reader.participant_id == text.user_id:
            return False
        return any(reads(reader.language, language) for language in self.awaited)

    def outranks(self, reader: Reader, text: Text, can_translate: CanTranslate) -> bool:
        """Whether a reader of one language has something better of this clause than this text."""
        if reader.language is None:
            return False
        others = (other for other in self.texts if other is not text and _rank(other) > _rank(text))
        return any(choose(reader, other, can_translate) is not None for other in others)


class RoomCaptions:
    """The captions of one room: what is still news, and the last committed clauses for late joiners.

    Holds `history` clauses; when full, the oldest goes. What comes late takes the place that it had when it was said.
    What a reader has been shown in the end does not depend on the order in which texts came, nor on how often.
    """

    def __init__(self, history: int) -> None:
        self._history = history
        self._clauses: OrderedDict[Place, _Clause] = OrderedDict()
        # Ends at which nothing (more) was said; as many as clauses.
        self._void: OrderedDict[tuple[Place, str | None], None] = OrderedDict()
        # Names this memory: a cursor of another one says nothing here.
        self._name = secrets.token_hex(4)
        # Finals kept so far.
        self._number = 0

    @property
    def texts(self) -> list[Text]:
        """Everything that is remembered, oldest first."""
        return [text for clause in self._clauses.values() for text in clause.texts]

    def take(self, text: Text) -> bool:
        """Say whether a text is news, and remember it if it is final.

        A clause that is committed stays: what comes after is a duplicate, or interim text that was overtaken. Only a
        real text takes the place of one that was skipped, or one that was skipped though it was heard.
        """
        clause = self._clauses.get(place_of(text))
        known = clause.known(text) if clause else None
        if known is not None and not (text.is_final and _worth(text) > _worth(known)):
            return False
        end = (place_of(text), _name(text))
        if known is None and end in self._void and not (text.is_final and text.payload):
            return False
        if text.is_final and (text.payload or text.skipped):
            self._keep(text)
        elif text.is_final:
            self._void[end] = None
            if len(self._void) > self._history:
                self._void.popitem(last=False)
        return True

    def show(self, reader: Reader, text: Text, can_translate: CanTranslate) -> Caption | None:
        """Give what a reader is to see of a text that was taken; None: nothing, or they have something better."""
        caption = choose(reader, text, can_translate)
        clause = self._clauses.get(place_of(text))
        if caption is None or clause is None:
            return caption
        if clause.holds_back(reader, text) or clause.outranks(reader, text, can_translate):
            return None
        number = clause.numbers.get(_name(text)) if text.is_final else None
        return caption if number is None else msgspec.structs.replace(caption, cursor=f"{self._name}-{number}")

    def replay(
        self, reader: Reader, can_translate: CanTranslate, *, since_ms: int = 0, after: str | None = None
    ) -> list[Caption]:
        """Give the remembered captions for somebody who comes late, oldest first.

        Args:
            reader: who comes.
            can_translate: see there.
            since_ms: clauses that ended before (epoch milliseconds) are left out.
            after: a cursor: what was shown up to there is left out. One of another memory is as none.
        """
        number = self._number_of(after)
        return [
            caption
            for clause in self._clauses.values()
            if clause.ended_at_ms >= since_ms
            for caption in self._chosen(clause, reader, can_translate, number)
        ]

    def knows(self, cursor: str | None) -> bool:
        """Whether a cursor is of this memory."""
        return cursor is not None and cursor.startswith(f"{self._name}-")

    def missing(self, language: str, can_translate: CanTranslate, since_ms: int) -> list[Transcript]:
        """Give what a reader of a language cannot read though it could be translated, oldest first.

        Each clause is given once for a language, and from then on awaited: see `take_answer` and `give_up`.
        """
        wanted = []
        for clause in self._clauses.values():
            transcript = clause.transcript
            if transcript is None or clause.ended_at_ms < since_ms or not _lacks(clause, language, can_translate):
                continue
            clause.asked.add(language)
            clause.awaited.add(language)
            wanted.append(transcript)
        return wanted

    def take_answer(self, translation: Translation) -> bool:
        """Wait no longer for what was asked for afterwards; say whether it was waited for."""
        clause = self._clauses.get(place_of(translation))
        if clause is None or translation.language not in clause.awaited:
            return False
        clause.awaited.discard(translation.language)
        return True

    def give_up(self, language: str) -> list[Text]:
        """Wait no longer for anything in a language; gives the texts that were held back for it, oldest first."""
        released = []
        for clause in self._clauses.values():
            if language in clause.awaited:
                clause.awaited.discard(language)
                for text in filter(_shows_source, clause.texts):
                    self._number += 1  # nobody who waited has seen it, whatever their cursor
                    clause.numbers[_name(text)] = self._number
                    released.append(text)
        return released

    def _keep(self, text: Text) -> None:
        newest = next(reversed(self._clauses.values()), None)
        self._number += 1
        self._clauses.setdefault(place_of(text), _Clause()).keep(text, self._number)
        if newest is not None and text.ended_at_ms < newest.ended_at_ms:
            self._clauses = OrderedDict(sorted(self._clauses.items(), key=lambda known: known[1].ended_at_ms))
        while len(self._clauses) > self._history:
            self._clauses.popitem(last=False)

    def _chosen(self, clause: _Clause, reader: Reader, can_translate: CanTranslate, after: int) -> list[Caption]:
        """Give what a late reader sees of a clause; what is still on its way to them comes as news."""
        shown = [
            caption
            for text in clause.texts
            if clause.numbers[_name(text)] > after
            and (caption := self.show(reader, text, can_translate)) is not None
            and caption.text
        ]
        # Of a skipped translation and the transcript, which are the same to a reader of one language, one is enough.
        return shown if reader.language is None else shown[-1:]

    def _number_of(self, cursor: str | None) -> int:
        number = (cursor or "").rpartition("-")[2]
        return int(number) if self.knows(cursor) and number.isascii() and number.isdigit() else 0


def _name(text: Text) -> str | None:
    """Tell a clause's texts apart: the language of a translation, None for the transcript."""
    return None if isinstance(text, Transcript) else text.language


def _worth(text: Text) -> int:
    """Order the finals that may come for one place: a tombstone of nothing, one of what was heard, a real text."""
    if not text.skipped:
        return 2
    return 1 if isinstance(text, Translation) and text.source_text else 0


def _shows_source(text: Text) -> bool:
    return isinstance(text, Transcript) or text.skipped


def _rank(text: Text) -> int:
    """Order what readers are shown of a clause: drafts, what was said (nothing, or something), translations."""
    if not text.is_final:
        return 0
    if not _shows_source(text):
        return 3
    return 2 if (text.payload if isinstance(text, Transcript) else text.source_text) else 1


def _lacks(clause: _Clause, language: str, can_translate: CanTranslate) -> bool:
    """Whether a clause has no translation for a reader, none is on its way, and one could be made."""
    transcript = clause.transcript
    if transcript is None or not transcript.payload or transcript.skipped:
        return False
    if any(reads(language, asked) for asked in clause.asked):
        return False
    if hears(language, transcript.language) or not can_translate(transcript.language, language):
        return False
    made = [each for each in clause.translations.values() if reads(language, each.language)]
    is_on_its_way = not made and any(reads(language, target.language) for target in transcript.targets)
    return not is_on_its_way and all(each.skipped for each in made)
