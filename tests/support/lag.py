"""How late an event loop's callbacks come."""

import asyncio
import time

from tests.guards.held_loop import RunQueueClock

PERIOD_S = 0.005


class LagMeter:
    """Calls itself every 5 ms and notes how late it was called.

    Time that the thread stood in the kernel's run queue does not count: that another process had the processor is not
    the loop's fault, and tests share their machine.
    """

    def __init__(self) -> None:
        self._clock = RunQueueClock()
        self._lags_ms: list[float] = []
        self._at = 0.0
        self._waited_s = 0.0

    def begin(self) -> None:
        """Count from now on; the first time, also start."""
        self._lags_ms.clear()
        if not self._at:
            self._schedule()

    def percentile(self, percent: float) -> float:
        """Give a percentile of what was noted since `begin`, in milliseconds; 100 is the worst."""
        ordered = sorted(self._lags_ms) or [0.0]
        return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]

    def _schedule(self) -> None:
        self._at, self._waited_s = time.monotonic(), self._clock.waited_s()
        asyncio.get_running_loop().call_later(PERIOD_S, self._note)

    def _note(self) -> None:
        elapsed_s = time.monotonic() - self._at - (self._clock.waited_s() - self._waited_s)
        self._lags_ms.append(max(0.0, elapsed_s - PERIOD_S) * 1000)
        self._schedule()
