"""How much one client may do: a token bucket."""

import time
from collections.abc import Callable


class Rate:
    """Allows `burst` things at once and `per_second` of them in the long run."""

    __slots__ = ("_at", "_burst", "_left", "_now", "_per_second")

    def __init__(self, per_second: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._now = now
        self._left = self._burst
        self._at = now()

    def allows(self) -> bool:
        """Take one of what is left. False, taking nothing, if there is none."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def wait_s(self) -> float:
        """Say in how many seconds one will be left; 0 if there is one now."""
        missing = 1 - min(self._burst, self._left + (self._now() - self._at) * self._per_second)
        return max(0.0, missing / self._per_second)
