"""Which words of a transcriber never change any more. No I/O, and no clock but the sound's own."""

from pipeline.engines.transcriber import Hypothesis, Word
from pipeline.engines.unchanged import Seen, noted

SAME_FOR_MS = 300
"""Where an engine does not say: a word has settled once it stayed the same while so much more sound was heard."""


class Settled:
    """Takes one hypothesis after another, each with the place in the sound that it is for. Words that settled stay.

    Without a word of the engine's own, the newest word never settles: it may be the beginning of a longer one.
    """

    def __init__(self) -> None:
        self.words: tuple[Word, ...] = ()
        # The words behind them, each with the place in the sound since which it has been the same.
        self._seen: Seen = []

    @property
    def end_ms(self) -> int:
        """The end of the last word that settled."""
        return self.words[-1].end_ms if self.words else 0

    def hear(self, hypothesis: Hypothesis, heard_ms: int) -> None:
        """Learn what an engine makes of the sound up to `heard_ms`."""
        if hypothesis.stable is not None:
            self.words = max(self.words, hypothesis.words[: hypothesis.stable], key=len)
            return
        self._seen = noted(self._rest(hypothesis.words), self._seen, heard_ms)
        while len(self._seen) > 1 and heard_ms - self._seen[0][1] >= SAME_FOR_MS:
            self.words = (*self.words, self._seen.pop(0)[0])

    def _rest(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """Give the words behind those that settled: by their number if these are still the first, else by time."""
        count = len(self.words)
        if [word.text for word in words[:count]] == [word.text for word in self.words]:
            return words[count:]
        return tuple(word for word in words if word.start_ms + word.end_ms > 2 * self.end_ms)
