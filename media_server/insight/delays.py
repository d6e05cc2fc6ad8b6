"""How late voices and captions are lately, for each pair of languages. Pure."""

import statistics
from collections import deque
from typing import NamedTuple

MAX_SAMPLES = 15
"""Of a pair, of which the median is taken; the oldest goes first."""
LATELY_S = 120.0
"""What is older says nothing of the present."""
MAX_PAIRS = 256
"""Pairs of a room that are remembered; beyond it the oldest is forgotten."""

Pair = tuple[str, str]
"""The language spoken and the one heard or read, without region."""


class Delay(NamedTuple):
    """Medians, in milliseconds from the end of a clause's sound; None where nothing is known."""

    voice_ms: int | None
    caption_ms: int | None

    def differs(self, other: "Delay") -> bool:
        """Whether it is worth telling who knows the other: by more than a tenth, or 50 ms, or known and unknown."""
        return _differs(self.voice_ms, other.voice_ms) or _differs(self.caption_ms, other.caption_ms)


class _Samples:
    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque(maxlen=MAX_SAMPLES)

    def add(self, now: float, took_ms: int) -> None:
        self._samples.append((now, max(0, took_ms)))

    def median(self, now: float) -> int | None:
        recent = [took_ms for at, took_ms in self._samples if now - at < LATELY_S]
        return round(statistics.median(recent)) if recent else None


class _Known:
    """Of one pair."""

    def __init__(self) -> None:
        # To the ear, as pages say; to the first packet; to the final caption.
        self.ears, self.packets, self.captions = _Samples(), _Samples(), _Samples()

    def delay(self, now: float) -> Delay:
        ears_ms = self.ears.median(now)
        return Delay(self.packets.median(now) if ears_ms is None else ears_ms, self.captions.median(now))


class Delays:
    """Takes each clause's times. `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._pairs: dict[Pair, _Known] = {}
        # Something was noted since `current` was asked.
        self.moved = False

    def heard(self, pair: Pair, took_ms: int, now: float) -> None:
        """Note when a voice began to sound at somebody's."""
        self._known(pair).ears.add(now, took_ms)

    def sent(self, pair: Pair, took_ms: int, now: float) -> None:
        """Note when a voice's first packet left: it counts where nobody says when they heard it."""
        self._known(pair).packets.add(now, took_ms)

    def captioned(self, pair: Pair, took_ms: int, now: float) -> None:
        """Note when a clause's final caption was shown."""
        self._known(pair).captions.add(now, took_ms)

    def current(self, now: float) -> dict[Pair, Delay]:
        """Give what is known now."""
        self.moved = False
        delays = {pair: known.delay(now) for pair, known in self._pairs.items()}
        return {pair: delay for pair, delay in delays.items() if delay != (None, None)}

    def _known(self, pair: Pair) -> _Known:
        self.moved = True
        known = self._pairs.setdefault(pair, _Known())
        if len(self._pairs) > MAX_PAIRS:
            del self._pairs[next(iter(self._pairs))]
        return known


def _differs(now_ms: int | None, before_ms: int | None) -> bool:
    if now_ms is None or before_ms is None:
        return now_ms is not before_ms
    change_ms = abs(now_ms - before_ms)
    return change_ms > 50 or change_ms > 0.1 * before_ms
