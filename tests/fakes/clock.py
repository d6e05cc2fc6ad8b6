"""Time that passes only when a test says so."""

import heapq
from collections.abc import Callable
from itertools import count

EPOCH_MS = 1_800_000_000_000


class FakeTimer:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeClock:
    """A Clock at 1000.0 s, whose timers fire in order as `advance` passes them."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._timers: list[tuple[float, int, FakeTimer]] = []
        self._order = count()

    def now(self) -> float:
        return self._now

    def epoch_ms(self) -> int:
        return EPOCH_MS + round((self._now - 1000.0) * 1000)

    def call_at(self, when: float, callback: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass, timer by timer; those due now fire first."""
        end = self._now + seconds
        while self._timers and self._timers[0][0] <= end + 1e-9:
            when, _, timer = heapq.heappop(self._timers)
            self._now = max(self._now, when)
            if not timer.cancelled:
                timer.callback()
        self._now = max(self._now, end)

    def stall(self, seconds: float) -> None:
        """Let time pass as it does for a blocked event loop: what was due meanwhile fires late, at the end."""
        self._now += seconds
        self.advance(0)

    @property
    def pending(self) -> int:
        """How many timers are armed."""
        return sum(not timer.cancelled for _, _, timer in self._timers)
