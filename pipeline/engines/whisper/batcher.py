"""The batcher: one model, and one batch at a time, made of whatever all speakers wait for."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Self, TypeVar

import structlog
from prometheus_client import Counter, Histogram

from pipeline.engines.engine import EngineBusyError, EngineError
from pipeline.engines.out_of_memory import is_out_of_memory
from pipeline.engines.whisper.line import Line, Place, Rank

_log = structlog.get_logger(__name__)

Job = TypeVar("Job")
Result = TypeVar("Result")

_WINDOWS = Histogram(
    "parley_whisper_batch_windows",
    "Windows that were decoded together.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
)
_WAIT = Histogram(
    "parley_whisper_wait_seconds",
    "From a window's coming to its decoding.",
    ["rank"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
_STALE = Counter("parley_whisper_stale_windows", "Interim windows that a newer one of the same speaker replaced.")
_OUT_OF_MEMORY = Counter("parley_whisper_out_of_memory", "Batches that were halved because the GPU's memory was full.")

GROWS_AFTER = 50
"""After so many full batches that went well, one more window is let into a batch that had been halved."""


class StaleError(EngineError):
    """A newer window of the same speaker made this one superfluous."""


class Batcher(Generic[Job, Result]):
    """Collects jobs for `wait_s` at most, and works on them in a thread of its own, in the order of `Line`.

    It does not wait for more than there can be: `owners` says how many may ask at all.

    A batch that fails is halved and tried again, down to single jobs, so that a bad one costs only itself. If it
    failed for want of memory, later batches are no larger than its half either.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Job]], Sequence[Result]],
        *,
        fits: Callable[[Job, Job], bool],
        most: int,
        wait_s: float,
        queue: int,
        owners: Callable[[], int] | None = None,
    ) -> None:
        """Take blocking `work`, which gives a result for each job; jobs in a batch, and in the line, at most."""
        self._owners = owners
        self._work = work
        self._line: Line[Job] = Line(fits=fits, wait_s=wait_s)
        self._most = most
        self._queue = queue
        # How many fit into the memory, as far as is known.
        self.limit = most
        self._went_well = 0
        self._answers: dict[Place[Job], asyncio.Future[Result]] = {}
        self._came = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="whisper")
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="whisper batcher")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End after the batch in work; whoever still waits gets an EngineError. Harmless twice."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])
        self._settle(list(self._answers), EngineError("the engine has ended"))
        await asyncio.to_thread(self._thread.shutdown)

    async def ask(self, job: Job, *, rank: Rank, owner: Hashable) -> Result:
        """Wait for a job's result. Cancelling takes it out of the line.

        Raises:
            StaleError: an interim job was superseded by another job of the same owner.
            EngineBusyError: the line is full, or the memory is, for even a single job.
            EngineError: it could not be done, or the engine has ended.
        """
        if self._task is None:
            raise EngineError("the engine has ended")
        if len(self._line) >= self._queue:
            raise EngineBusyError(f"{self._queue} windows wait already")
        loop = asyncio.get_running_loop()
        place = Place(job, rank, owner, loop.time())
        answer: asyncio.Future[Result] = loop.create_future()
        self._answers[place] = answer
        stale = self._line.join(place)
        self._settle(stale, StaleError("a newer window came"))
        _STALE.inc(len(stale))
        self._came.set()
        try:
            return await answer
        finally:
            self._answers.pop(place, None)
            self._line.leave(place)

    async def _run(self) -> None:
        while True:
            most = self.limit if self._owners is None else min(self.limit, max(1, self._owners()))
            due = self._line.due(most)
            wait_s = None if due is None else due - asyncio.get_running_loop().time()
            if wait_s is not None and wait_s <= 0:
                await self._begin()
                continue
            self._came.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._came.wait()
            except TimeoutError:
                continue

    async def _begin(self) -> None:
        now = asyncio.get_running_loop().time()
        batch = self._line.take(self.limit)
        for place in batch:
            _WAIT.labels(place.rank.name.lower()).observe(now - place.since)
        await self._do(batch)

    async def _do(self, batch: list[Place[Job]]) -> None:
        _WINDOWS.observe(len(batch))
        loop = asyncio.get_running_loop()
        try:
            jobs = [place.job for place in batch]
            results: Sequence[Result] = await loop.run_in_executor(self._thread, self._work, jobs)
        except Exception as error:  # a model's fault costs the windows it happened to, not the engine
            await self._failed(batch, error)
            return
        self._grow(len(batch))
        for place, result in zip(batch, results, strict=True):
            if (answer := self._answers.get(place)) and not answer.done():
                answer.set_result(result)

    async def _failed(self, batch: list[Place[Job]], error: Exception) -> None:
        full = is_out_of_memory(error)
        if full:
            _OUT_OF_MEMORY.inc()
            self.limit, self._went_well = max(1, min(self.limit, len(batch) // 2)), 0
            _log.warning("whisper_out_of_memory", windows=len(batch), limit=self.limit)
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._do(batch[:middle])
            await self._do(batch[middle:])
            return
        if full:
            self._settle(batch, EngineBusyError("the GPU's memory is full"))
            return
        # Not its message, which might quote what was said.
        _log.error("whisper_failed", error=type(error).__name__)
        self._settle(batch, EngineError(f"{type(error).__name__} while decoding"))

    def _grow(self, windows: int) -> None:
        if self.limit < self._most and windows >= self.limit:
            self._went_well += 1
            if self._went_well >= GROWS_AFTER:
                self.limit, self._went_well = self.limit + 1, 0

    def _settle(self, places: list[Place[Job]], error: EngineError) -> None:
        for place in places:
            if (answer := self._answers.get(place)) and not answer.done():
                answer.set_exception(error)
