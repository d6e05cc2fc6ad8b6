"""Cutting an utterance's words into clauses while more words still come. No I/O, and no clock but the sound's own.

The same hypotheses at the same places in the sound always give the same clauses, so a replay does not cut otherwise.
Where the engine gives no punctuation, a clause ends at a pause; where it does, at a mark.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.engines.transcriber import Word, text_of
from pipeline.engines.unchanged import Seen, noted
from pipeline.punctuation import ends_clause, width
from pipeline.settings import ClauseSettings
from pipeline.told import Told


class Clause(NamedTuple):
    """A piece of an utterance's text. Times in ms from the utterance's first sample."""

    number: int
    words: tuple[Word, ...]
    start_ms: int
    end_ms: int

    @property
    def text(self) -> str:
        return text_of(self.words)


class ClauseCutter:
    """Takes hypotheses and yields commits.

    Committed words are never revised: what later hypotheses say about that part of the sound is ignored. Every word
    behind it comes into exactly one later clause. A clause's start does not move once it was given out.
    """

    def __init__(self, settings: ClauseSettings | None = None, told: Told | None = None) -> None:
        """With `told`, go on behind what somebody else committed."""
        self._settings = settings or ClauseSettings()
        told = told or Told()
        # Of the clause being heard: its number, and its start once it has a word.
        self.number = told.clause
        self._start_ms = told.start_ms
        # None: not known, so that only the place in the sound counts.
        self._committed = told.words
        # Twice the place in the sound up to which words are committed; twice, to compare with sums of two times.
        self._boundary2 = 2 * told.end_ms
        # The words behind it, as last heard, with the place in the sound since which each has been the same.
        self._seen: Seen = []
        # How many of them never change any more, by the engine's word; None: it does not say.
        self._sure: int | None = None
        # Whether the engine writes sentences: it says what is stable, or a mark was seen.
        self._punctuated = False

    def rest(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Give the words of a hypothesis behind the last commit.

        They are those after the committed ones if these are still the first; otherwise those with the middle behind
        the committed sound.
        """
        if self._committed is not None:
            count = len(self._committed)
            if tuple(word.text for word in words[:count]) == self._committed:
                return tuple(words[count:])
        return tuple(word for word in words if word.start_ms + word.end_ms > self._boundary2)

    def draft(self, words: Sequence[Word]) -> Clause:
        """Give everything behind the last commit as the clause that it would be now."""
        return self._as_clause(self.rest(words))

    def hear(
        self, words: Sequence[Word], heard_ms: int, *, stable: int | None = None, hold: bool = False
    ) -> list[Clause]:
        """Take the hypothesis for the sound up to `heard_ms`, of which so many words never change any more.

        Returns what is committed by it; with `hold`, nothing.
        """
        rest = self.rest(words)
        self._seen = noted(rest, self._seen, heard_ms)
        self._sure = None if stable is None else max(0, stable - (len(words) - len(rest)))
        self._punctuated = self._punctuated or stable is not None or any(ends_clause(word.text) for word in rest)
        clauses: list[Clause] = []
        while not hold and (count := self._cut(heard_ms)):
            following = self._seen[count][0] if count < len(self._seen) else None
            clauses.append(self.commit(tuple(word for word, _ in self._seen[:count]), following=following))
        self.draft(words)
        return clauses

    def commit(self, words: tuple[Word, ...], *, following: Word | None = None) -> Clause:
        """Commit these words as the next clause; `following` is the word behind them, if one was heard."""
        clause = self._as_clause(words)
        if self._committed is not None:
            self._committed += tuple(word.text for word in words)
        self._seen = self._seen[len(words) :]
        self._sure = None if self._sure is None else max(0, self._sure - len(words))
        end_ms = words[-1].end_ms if words else clause.start_ms
        self._boundary2 = max(self._boundary2, end_ms + (following.start_ms if following else end_ms))
        self._start_ms = None
        self.number += 1
        return clause

    def _as_clause(self, words: tuple[Word, ...]) -> Clause:
        if words and self._start_ms is None:
            self._start_ms = words[0].start_ms
        start_ms = self._boundary2 // 2 if self._start_ms is None else self._start_ms
        return Clause(self.number, words, start_ms, max(start_ms, words[-1].end_ms) if words else start_ms)

    def _cut(self, heard_ms: int) -> int:
        """Say how many of the words behind the last commit are a clause; 0: none yet."""
        words = [word for word, _ in self._seen]
        stable = sum(1 for _, since in self._seen if heard_ms - since >= self._settings.stable_ms)
        if self._punctuated:
            # Where the engine does not say, the mark behind its last word may still be a guess.
            sure = min(stable, len(words) - 1) if self._sure is None else min(self._sure, len(words))
            return _sentence(words[: max(0, sure)], self._settings)
        gaps = [(words[i].start_ms - words[i - 1].end_ms, i) for i in range(1, stable)]
        for gap_ms, before in gaps:
            if gap_ms >= self._settings.gap_ms and before >= self._settings.least_words:
                return before
        if gaps and words[-1].end_ms - words[0].start_ms >= self._settings.span_ms:
            return max(gaps)[1]
        return 0


def _sentence(words: Sequence[Word], settings: ClauseSettings) -> int:
    """Say how many of these words, which are stable, end at a mark or are as many as a clause may have; 0: neither."""
    for count, word in enumerate(words, 1):
        characters = width(text_of(words[:count]))
        if characters > settings.most_characters:
            return max(1, count - 1)
        if characters >= settings.least_characters and ends_clause(word.text):
            return count
    return 0
