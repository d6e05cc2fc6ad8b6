"""Collecting what several people wait for."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from pipeline.engines.ct2.batcher import Batcher
from pipeline.engines.engine import EngineBusyError, EngineError


class Work:
    """Doubles numbers, and remembers its batches; waits while it is held."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, jobs: Sequence[int]) -> list[int | EngineError]:
        self.go_on.wait(5)
        self.batches.append(list(jobs))
        return [EngineError("thirteen") if job == 13 else 2 * job for job in jobs]


async def test_what_comes_together_is_done_together() -> None:
    """And everybody gets their own."""
    work = Work()
    batcher: Batcher[int, int] = Batcher(work, most=8, wait_s=0.02, queue=100)
    answers = await asyncio.gather(*(batcher.ask([number, number + 1]) for number in (1, 10, 100)))
    assert answers == [[2, 4], [20, 22], [200, 202]]
    assert work.batches == [[1, 2, 10, 11, 100, 101]]
    await batcher.close()


async def test_a_full_batch_does_not_wait() -> None:
    """For others who might come."""
    batcher: Batcher[int, int] = Batcher(Work(), most=2, wait_s=5, queue=100)
    async with asyncio.timeout(1):
        assert await batcher.ask([1, 2]) == [2, 4]
    await batcher.close()


async def test_a_bad_job_costs_only_its_own_request() -> None:
    """The others in the batch get their answers."""
    batcher: Batcher[int, int] = Batcher(Work(), most=8, wait_s=0.01, queue=100)
    good, bad = await asyncio.gather(batcher.ask([1]), batcher.ask([13]), return_exceptions=True)
    assert good == [2]
    assert isinstance(bad, EngineError)
    await batcher.close()


async def test_a_full_line_refuses() -> None:
    """Rather than make everybody wait."""
    work = Work()
    work.go_on.clear()
    batcher: Batcher[int, int] = Batcher(work, most=1, wait_s=0, queue=2)
    first = asyncio.create_task(batcher.ask([1]))
    await asyncio.sleep(0.02)
    waiting = asyncio.create_task(batcher.ask([2, 3]))
    await asyncio.sleep(0)
    with pytest.raises(EngineBusyError):
        await batcher.ask([4])
    work.go_on.set()
    assert (await first, await waiting) == ([2], [4, 6])
    await batcher.close()


async def test_who_goes_away_is_not_worked_for() -> None:
    """What is not begun yet is left out."""
    work = Work()
    work.go_on.clear()
    batcher: Batcher[int, int] = Batcher(work, most=1, wait_s=0, queue=9)
    first, gone, last = (asyncio.create_task(batcher.ask([number])) for number in (1, 2, 3))
    await asyncio.sleep(0.02)
    gone.cancel()
    await asyncio.sleep(0)
    work.go_on.set()
    assert (await first, await last) == ([2], [6])
    assert work.batches == [[1], [3]]
    await batcher.close()


async def test_closing_tells_whoever_waits() -> None:
    """And the batch in work is not let go under its thread."""
    work = Work()
    work.go_on.clear()
    batcher: Batcher[int, int] = Batcher(work, most=1, wait_s=0, queue=9)
    asked = [asyncio.create_task(batcher.ask([number])) for number in (1, 2)]
    await asyncio.sleep(0.02)
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    work.go_on.set()
    await closing
    await batcher.close()
    assert all(isinstance(error, EngineError) for error in await asyncio.gather(*asked, return_exceptions=True))
    with pytest.raises(EngineError, match="ended"):
        await batcher.ask([1])
