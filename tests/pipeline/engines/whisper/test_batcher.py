"""One model, many speakers."""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.engines.engine import EngineBusyError, EngineError
from pipeline.engines.whisper.batcher import GROWS_AFTER, Batcher, StaleError
from pipeline.engines.whisper.line import Rank
from tests.support.until import until

OUT_OF_MEMORY = RuntimeError("CUDA failed with error out of memory")
"""As CTranslate2 says it."""


class Model:
    """Notes the batches it is given, and shouts the jobs; it can be held, and be made to fail."""

    def __init__(self, *, room: int = 99, poison: str = "") -> None:
        self.batches: list[list[str]] = []
        self.free = threading.Event()
        self.free.set()
        self._room = room
        self._poison = poison

    def work(self, jobs: Sequence[str]) -> list[str]:
        self.batches.append(list(jobs))
        self.free.wait(5)
        if len(jobs) > self._room:
            raise OUT_OF_MEMORY
        if self._poison in jobs and self._poison:
            raise ValueError(self._poison)
        return [job.upper() for job in jobs]


def batcher(
    model: Model, *, most: int = 8, wait_s: float = 0.005, queue: int = 100, **others: Any
) -> Batcher[str, str]:
    return Batcher(model.work, fits=lambda *_: True, most=most, wait_s=wait_s, queue=queue, **others)


async def ask(asked: Batcher[str, str], *jobs: str, rank: Rank = Rank.FINAL) -> list[Any]:
    """Ask for some jobs of different owners at once."""
    return await asyncio.gather(*(asked.ask(job, rank=rank, owner=job) for job in jobs), return_exceptions=True)


async def test_windows_that_come_together_are_decoded_together() -> None:
    """And each gets its own result."""
    async with batcher(model := Model()) as asked:
        assert await ask(asked, "a", "b", "c") == ["A", "B", "C"]
    assert model.batches == [["a", "b", "c"]]


async def test_a_window_alone_waits_no_longer_than_allowed() -> None:
    """20 ms as it is set by default; here 30."""
    async with batcher(Model(), wait_s=0.03) as asked:
        began = time.monotonic()
        await ask(asked, "a")
        assert 0.02 < time.monotonic() - began < 0.3


async def test_nobody_waits_for_speakers_that_are_not_there() -> None:
    """One of one, or two of two, go at once."""
    async with batcher(model := Model(), wait_s=5.0, owners=lambda: 2) as asked:
        assert await ask(asked, "a", "b") == ["A", "B"]
    assert model.batches == [["a", "b"]]


async def test_what_comes_while_the_model_works_goes_together_finals_first() -> None:
    """No more than a batch may hold."""
    async with batcher(model := Model(), most=2, wait_s=0.0) as asked:
        model.free.clear()
        first = asyncio.create_task(asked.ask("first", rank=Rank.FINAL, owner="x"))
        await until(lambda: bool(model.batches))
        rest = [
            asyncio.create_task(asked.ask(job, rank=rank, owner=job))
            for job, rank in (("guess", Rank.SPECULATION), ("interim", Rank.INTERIM), ("final", Rank.FINAL))
        ]
        await asyncio.sleep(0)
        model.free.set()
        assert await asyncio.gather(first, *rest) == ["FIRST", "GUESS", "INTERIM", "FINAL"]
    assert model.batches == [["first"], ["final", "interim"], ["guess"]]


async def test_a_stale_interim_window_is_never_decoded() -> None:
    """Whoever asked for it is told."""
    async with batcher(model := Model(), wait_s=0.01) as asked:
        interim = asyncio.create_task(asked.ask("old", rank=Rank.INTERIM, owner="ann"))
        await asyncio.sleep(0)
        assert await asked.ask("new", rank=Rank.INTERIM, owner="ann") == "NEW"
        with pytest.raises(StaleError):
            await interim
    assert model.batches == [["new"]]


async def test_a_full_memory_halves_the_batch_for_good_and_loses_nothing() -> None:
    """Later batches are no larger than what went well; after many such ones, one more is tried."""
    async with batcher(model := Model(room=2), most=8) as asked:
        assert await ask(asked, *"abcdefgh") == list("ABCDEFGH")
        assert [len(batch) for batch in model.batches] == [8, 4, 2, 2, 4, 2, 2]
        assert asked.limit == 2
        model.batches.clear()
        await ask(asked, *"abcd")
        assert [len(batch) for batch in model.batches] == [2, 2]
        for _ in range(GROWS_AFTER):
            await ask(asked, "a", "b")
        assert asked.limit == 3


async def test_a_memory_too_small_for_a_single_window_is_said() -> None:
    """As being busy, so that another engine takes over."""
    async with batcher(Model(room=0), most=2) as asked:
        answers = await ask(asked, "a", "b")
        assert [type(answer) for answer in answers] == [EngineBusyError] * 2
        assert asked.limit == 1


async def test_a_bad_window_costs_only_itself() -> None:
    """And the batch is as large as before afterwards."""
    async with batcher(Model(poison="c"), most=4) as asked:
        *good, bad = await ask(asked, "a", "b", "d", "c")
        assert good == ["A", "B", "D"]
        assert isinstance(bad, EngineError)
        assert asked.limit == 4


async def test_a_cancelled_window_leaves_the_line() -> None:
    """It is not decoded for nobody."""
    async with batcher(model := Model(), wait_s=0.01) as asked:
        task = asyncio.create_task(asked.ask("a", rank=Rank.FINAL, owner="ann"))
        await asyncio.sleep(0)
        task.cancel()
        assert await ask(asked, "b") == ["B"]
    assert model.batches == [["b"]]


async def test_a_full_line_refuses() -> None:
    """At once."""
    async with batcher(Model(), queue=1, wait_s=0.01) as asked:
        first, second = await ask(asked, "a", "b")
    assert first == "A"
    assert isinstance(second, EngineBusyError)


async def test_who_still_waits_at_the_end_is_told() -> None:
    """Also who asks later; ending twice is harmless."""
    async with batcher(Model(), wait_s=60.0) as asked:
        waiting = asyncio.create_task(asked.ask("a", rank=Rank.FINAL, owner="ann"))
        await asyncio.sleep(0)
    await asked.__aexit__(None, None, None)
    with pytest.raises(EngineError):
        await waiting
    with pytest.raises(EngineError):
        await asked.ask("a", rank=Rank.FINAL, owner="ann")
