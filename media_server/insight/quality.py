"""How good a connection is, in one word. Pure."""

from typing import Literal

from media_server.peer import LinkFigures

Quality = Literal["good", "fair", "poor"]

# The simplified E-model (ITU-T G.107) as LiveKit has it (pkg/sfu/connectionquality/scorer.go): from 100, less what
# delay and loss take. The delay of interest is half the round trip and twice the jitter; up to 160 ms of it are next to
# nothing. Each per cent of loss takes 16/3, which is its weight for Opus with in-band error correction.
_EASY_MS = 160.0
_LOSS_WEIGHT = 16 / 3
# Above the first it is good, above the second fair: with nothing else amiss, 3.75 % and 11.25 % of loss.
_GOOD = 80.0
_FAIR = 40.0
# It gets worse sooner than it gets better: how much of a new score is taken over, and by how much the smoothed one has
# to be above the mark before the word is a better one.
_WORSE = 0.7
_BETTER = 0.4
_MARGIN = 5.0

_ORDER: tuple[Quality, ...] = ("poor", "fair", "good")


def score(figures: LinkFigures) -> float | None:
    """Rate a moment, 0 to 100; the worse of both directions. None if nothing is known."""
    up = _score(figures.rtt_s, figures.up_lost, figures.up_jitter_s)
    down = _score(figures.rtt_s, figures.down_lost, figures.down_jitter_s)
    return min((each for each in (up, down) if each is not None), default=None)


class ConnectionQuality:
    """Keeps the word steady while the numbers are not."""

    def __init__(self) -> None:
        # None before anything was known.
        self.word: Quality | None = None
        self._score = 100.0

    def rate(self, figures: LinkFigures) -> bool:
        """Take the figures of this moment, every 2 s; say whether the word is another one now."""
        now = score(figures)
        if now is None:
            return False
        share = 1.0 if self.word is None else _WORSE if now < self._score else _BETTER
        self._score += share * (now - self._score)
        word = _word(self._score)
        if self.word is not None and _ORDER.index(word) > _ORDER.index(self.word):
            word = max(self.word, _word(self._score - _MARGIN), key=_ORDER.index)
        changed, self.word = word != self.word, word
        return changed


def _score(rtt_s: float | None, lost: float | None, jitter_s: float | None) -> float | None:
    if lost is None:
        return None
    delay_ms = (rtt_s or 0.0) * 500 + (jitter_s or 0.0) * 2_000
    by_delay = delay_ms / 40 if delay_ms <= _EASY_MS else (delay_ms - 120) / 10
    return max(0.0, 100.0 - by_delay - 100 * lost * _LOSS_WEIGHT)


def _word(rated: float) -> Quality:
    return "good" if rated > _GOOD else "fair" if rated > _FAIR else "poor"
