"""What numbers the sound that goes to recognition: numbers that only grow."""

import time
from collections.abc import Callable

MOST_AHEAD_MS = 24 * 3600 * 1_000
"""A floor further ahead of our clock than this is some fault, and is not believed."""


class Sequence:
    """Numbers that only grow, across speakers, sockets, rejoins and restarts: epoch ms, or one more than the last.

    One clock makes them grow by itself. With several nodes the clock of the one that takes a room over may be behind
    that of the one that had it: then the first one's `last` has to be known to the second, by `raise_to`. Who stores
    `last` now and then (with a lease, say) adds to it as many milliseconds as may pass until it is stored again.
    """

    def __init__(self, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000, *, floor: int = 0) -> None:
        """All numbers are above `floor`; see `raise_to`."""
        self._clock_ms = clock_ms
        self._last = floor

    @property
    def last(self) -> int:
        """The last number given, or the floor; numbers to come are above it."""
        return self._last

    def raise_to(self, floor: int) -> bool:
        """Give only numbers above this one from now on. False, changing nothing, if it is a day ahead of our clock."""
        if floor > self._clock_ms() + MOST_AHEAD_MS:
            return False
        self._last = max(self._last, floor)
        return True

    def next(self) -> int:
        """Return the next number."""
        self._last = max(self._last + 1, self._clock_ms())
        return self._last

    def age_ms(self, number: int) -> int:
        """Say how long ago a number was given."""
        return self._clock_ms() - number
