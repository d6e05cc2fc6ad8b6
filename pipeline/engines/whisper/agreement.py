"""LocalAgreement: which of the words heard so far will never change. Pure.

Two decodings of a growing window, one after the other, agree on how it begins: what they agree on is committed
(LocalAgreement-2; Liu, Spanakis, Niehues, "Low-Latency Sequence-to-Sequence Speech Recognition and Translation by
Partial Hypothesis Selection", Interspeech 2020).
"""

from collections.abc import Sequence

from pipeline.engines.transcriber import Word
from pipeline.engines.whisper.times import SHORTEST_MS
from pipeline.engines.word_times import in_order

MARKS = ".,;:!?…-–—\"'“”‘’«»„()[]{}¿¡。，、；：！？「」『』（）؟،؛।॥"
"""What may stand before or behind a word without making it another one."""


class Agreement:
    """One utterance's words. What is committed is never revised; erasure of committed text is 0 by construction.

    The last word of a decoding is not committed before another one was heard behind it: it may have been cut short,
    and the mark behind it is a guess, since Whisper ends what it hears with a full stop.
    """

    def __init__(self) -> None:
        self._committed: list[Word] = []
        # What stood behind the committed words in the latest decoding.
        self._rest: tuple[Word, ...] = ()

    @property
    def committed(self) -> tuple[Word, ...]:
        """The words that never change any more."""
        return tuple(self._committed)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words as heard last, the committed ones first."""
        return (*self._committed, *self._rest)

    @property
    def end_ms(self) -> int:
        """Where the committed words end."""
        return self._committed[-1].end_ms if self._committed else 0

    def hear(self, heard: Sequence[Word], since_ms: int) -> None:
        """Take the decoding of a window that began at `since_ms`, and commit what it has in common with the last."""
        rest = self.rest(heard, since_ms)
        agreed = 0
        while agreed < min(len(rest) - 1, len(self._rest)) and bare(rest[agreed]) == bare(self._rest[agreed]):
            agreed += 1
        self._committed += rest[:agreed]
        self._rest = rest[agreed:]

    def rest(self, heard: Sequence[Word], since_ms: int) -> tuple[Word, ...]:
        """Give the words of a decoding that stand behind the committed ones, in order and without overlap."""
        known = [word for word in self._committed if word.start_ms + word.end_ms > 2 * since_ms]
        return in_order(heard[_behind(known, heard) :], self.end_ms, shortest_ms=SHORTEST_MS)

    def force(self, heard: Sequence[Word], since_ms: int, until_ms: int) -> None:
        """Commit what ends by `until_ms` without a second opinion: nobody will decode that sound again."""
        rest = self.rest(heard, since_ms)
        count = sum(1 for word in rest if word.end_ms <= until_ms)
        self._committed += rest[:count]
        self._rest = rest[count:]

    def drop_rest(self) -> None:
        """Forget what was heard behind the committed words."""
        self._rest = ()


def bare(word: Word) -> str:
    """Give a word without marks and capitals, by which it is known again."""
    return word.text.casefold().strip(MARKS) or word.text


def _behind(known: Sequence[Word], heard: Sequence[Word]) -> int:
    """Say how many of the words heard stand for the known ones, which may have been heard differently.

    It is the number with the least edits between the two; among equals, the one that ends at the same place.
    """
    if not known:
        return 0
    end_ms = known[-1].end_ms
    # edits[n]: from the known words so far to the first n heard.
    edits = list(range(len(heard) + 1))
    for number, word in enumerate(known, 1):
        diagonal, edits[0] = edits[0], number
        for n, other in enumerate(heard, 1):
            substituted = diagonal + (bare(word) != bare(other))
            diagonal = edits[n]
            edits[n] = min(substituted, edits[n] + 1, edits[n - 1] + 1)
    ends = [known[0].start_ms, *(word.end_ms for word in heard)]
    return min(range(len(heard) + 1), key=lambda n: (edits[n], abs(ends[n] - end_ms)))
