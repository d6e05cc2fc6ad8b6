"""Time, as the media server reads it: one object to inject, so that tests need not wait."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Let it not happen. Harmless when it has."""


class Clock(Protocol):
    """Two times and an alarm."""

    def now(self) -> float:
        """Monotonic seconds, on the scale of `AudioPacket.arrived`: for durations and deadlines."""
        ...

    def epoch_ms(self) -> int:
        """Wall-clock epoch milliseconds: for `*_ms` fields that leave this process, and ages that come from others."""
        ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back at a time of `now()`, or as soon as possible after it; never from within this call."""
        ...


class LoopClock:
    """The running event loop's time. Needs a running loop when it is asked, not when it is made."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def epoch_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_at(when, callback)
