"""Collects what several people wait for, so that a model does it together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from pipeline.engines.engine import EngineBusyError, EngineError

Job = TypeVar("Job")
Result = TypeVar("Result")


class _Place(NamedTuple, Generic[Job, Result]):
    job: Job
    answer: "asyncio.Future[Result]"


class Batcher(Generic[Job, Result]):
    """Waits `wait_s` from the first job on for others, then works on all in a thread; one batch at a time.

    Its line holds `queue` jobs; more are refused. A job whose owner went away is left out.
    """

    def __init__(
        self, work: Callable[[Sequence[Job]], Sequence[Result | EngineError]], *, most: int, wait_s: float, queue: int
    ) -> None:
        """Take blocking `work`, which gives a result or an error for each job; jobs in a batch and in the line."""
        self._work = work
        self._most = most
        self._wait_s = wait_s
        self._queue = queue
        self._line: deque[_Place[Job, Result]] = deque()
        self._came = asyncio.Event()
        self._full = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def ask(self, jobs: Sequence[Job]) -> list[Result]:
        """Wait for the results of some jobs. Cancelling takes them out of the line.

        Raises:
            EngineBusyError: the line is full.
            EngineError: one could not be done, or this was closed.
        """
        if self._closed:
            raise EngineError("the engine has ended")
        if len(self._line) + len(jobs) > self._queue:
            raise EngineBusyError(f"{len(self._line)} clauses wait already")
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="translation batcher")
        loop = asyncio.get_running_loop()
        places = [_Place(job, loop.create_future()) for job in jobs]
        self._line.extend(places)
        self._came.set()
        if len(self._line) >= self._most:
            self._full.set()
        try:
            return list(await asyncio.gather(*(place.answer for place in places)))
        finally:
            for place in places:
                place.answer.cancel()

    async def close(self) -> None:
        """End after the batch in work; whoever still waits gets an EngineError. Harmless twice."""
        self._closed = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        for place in self._line:
            _settle(place.answer, EngineError("the engine has ended"))
        self._line.clear()

    async def _run(self) -> None:
        while True:
            await self._came.wait()
            if len(self._line) < self._most and self._wait_s:
                self._full.clear()
                try:
                    async with asyncio.timeout(self._wait_s):
                        await self._full.wait()
                except TimeoutError:
                    pass
            batch = self._taken()
            if not self._line:
                self._came.clear()
            if batch:
                await self._do(batch)

    def _taken(self) -> list[_Place[Job, Result]]:
        batch: list[_Place[Job, Result]] = []
        while self._line and len(batch) < self._most:
            place = self._line.popleft()
            if not place.answer.done():
                batch.append(place)
        return batch

    async def _do(self, batch: list[_Place[Job, Result]]) -> None:
        working = asyncio.ensure_future(asyncio.to_thread(self._work, [place.job for place in batch]))
        try:
            results = await asyncio.shield(working)
        except asyncio.CancelledError:
            # The thread cannot be stopped, and the model must not be let go under it.
            await asyncio.wait([working])
            for place in batch:
                _settle(place.answer, EngineError("the engine has ended"))
            raise
        for place, result in zip(batch, results, strict=True):
            _settle(place.answer, result)


def _settle(answer: "asyncio.Future[Result]", result: Result | EngineError) -> None:
    if answer.done():
        return
    if isinstance(result, EngineError):
        answer.set_exception(result)
    else:
        answer.set_result(result)
