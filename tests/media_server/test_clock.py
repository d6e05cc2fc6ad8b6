"""The event loop's time."""

import asyncio
import time

from media_server.clock import LoopClock


async def test_times_are_the_loops_and_the_walls() -> None:
    """Durations come from the loop, dates from the wall clock."""
    clock = LoopClock()
    assert abs(clock.now() - asyncio.get_running_loop().time()) < 1
    assert abs(clock.epoch_ms() - time.time() * 1000) < 1_000


async def test_alarm_rings_once_and_not_when_cancelled() -> None:
    """A call that is due comes with the loop's next step; a cancelled one does not."""
    clock, rung = LoopClock(), asyncio.Event()
    cancelled = asyncio.Event()
    clock.call_at(clock.now(), cancelled.set).cancel()
    clock.call_at(clock.now(), rung.set)
    assert not rung.is_set()
    await asyncio.wait_for(rung.wait(), 1)
    assert not cancelled.is_set()
