"""How far ahead of real time a client's sound is. Pure."""

import time
from collections.abc import Callable

SHORTEST_S = 0.01
"""Each message counts as at least so much sound: a flood of tiny ones is no faster than that."""


class Pace:
    """Says how long to wait before more is read, so that sound is at most `ahead_s` ahead of real time."""

    def __init__(self, ahead_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._ahead_s = ahead_s
        self._now = now
        # When what was taken so far will have been spoken.
        self._until = float("-inf")

    def take(self, duration_s: float) -> float:
        """Take so much sound; give the seconds to wait now."""
        now = self._now()
        self._until = max(self._until, now) + max(duration_s, SHORTEST_S)
        return max(0.0, self._until - now - self._ahead_s)
