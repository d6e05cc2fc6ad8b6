"""One record's way through a stage: tries, a time limit, and being superseded."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from pipeline.bus.bus import BusClosedError, BusError
from pipeline.clock import NowMs
from pipeline.engines.engine import EngineError
from pipeline.messages.base import Said
from pipeline.messages.codec import UnreadableRecordError
from pipeline.metrics import RETRIES
from pipeline.settings import WorkerSettings


class TimeLimitError(Exception):
    """A record took longer than any record may."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        return f"not done within {self.limit_s:g} s"


class WrongMessageError(Exception):
    """A record on this topic is not of the kind that belongs there."""


class FailedBeforeError(Exception):
    """Another worker gave an utterance up, and was gone before it could write the dead letter."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        # The class of the error that it had.
        self.name = name

    def __str__(self) -> str:
        return f"given up by another worker: {self.name}"


class BusyError(EngineError):
    """There is too much at once, and this record can wait."""


class PartialError(Exception):
    """Some of what a record asked for could not be done, and the rest was."""


class PartitionLostError(Exception):
    """The record's partition has become another worker's, who does it again."""


@dataclass(frozen=True)
class Failure:
    """Why a record could not be done."""

    error: Exception
    attempts: int
    # Epoch milliseconds of the first failed try.
    first_failed_at_ms: int

    @property
    def is_engines(self) -> bool:
        """Whether it says anything about the worker's engine."""
        others = (BusError, BusyError, PartialError, UnreadableRecordError, WrongMessageError, FailedBeforeError)
        return not isinstance(self.error, others)

    @property
    def name(self) -> str:
        """The error's class, or the class of the one that another worker had."""
        return self.error.name if isinstance(self.error, FailedBeforeError) else type(self.error).__name__


class Job:
    """Runs once. Whatever the stage yields is published in order, each before the stage goes on.

    The time limit is the stage's and its engine's: waiting for the bus to take a result does not count.
    """

    def __init__(
        self,
        results: Callable[[], AsyncGenerator[Said, None]],
        publish: Callable[[Said], Awaitable[None]],
        *,
        stage: str,
        settings: WorkerSettings,
        give_up_at_ms: int | None,
        attempts: int,
        now_ms: NowMs,
    ) -> None:
        self._results = results
        self._publish = publish
        self._stage = stage
        self._settings = settings
        self._give_up_at_ms = give_up_at_ms
        self._most_attempts = attempts
        self._now_ms = now_ms
        self._limit: asyncio.Timeout | None = None
        self._attempts = 0
        self._first_failed_at_ms = 0
        self.superseded = False
        # Whether something with content was published: only then did the engine do its part.
        self.answered = False

    def supersede(self) -> None:
        """Stop, because the outcome has become pointless. Harmless before the start and after the end."""
        self.superseded = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> Failure | None:
        """Do it. Returns why it failed, if it did; being superseded is no failure.

        Raises:
            BusClosedError: nothing can be published any more; the record is to be delivered again.
            PartitionLostError: what came of it must not be published, for somebody else does it again.
        """
        if self.superseded:
            return None
        try:
            await self._limited()
        except (BusClosedError, PartitionLostError):
            raise
        except Exception as error:  # the fault boundary of stages and engines
            return None if self.superseded else Failure(error, self._attempts, self._first_failed_at_ms)
        return None

    async def _limited(self) -> None:
        limit = asyncio.timeout(self._settings.record_limit_s)
        try:
            async with limit:
                self._limit = limit
                await self._tries()(self._once)
        except TimeoutError as error:
            if not limit.expired():
                raise
            self._first_failed_at_ms = self._first_failed_at_ms or self._now_ms()
            raise TimeLimitError(self._settings.record_limit_s) from error
        finally:
            self._limit = None

    async def _once(self) -> None:
        self._attempts += 1
        if self._attempts > 1:
            RETRIES.labels(self._stage).inc()
        try:
            async with aclosing(self._results()) as results:
                async for result in results:
                    await self._put(result)
                    self.answered = self.answered or not result.empty
        except Exception:
            self._first_failed_at_ms = self._first_failed_at_ms or self._now_ms()
            raise

    async def _put(self, result: Said) -> None:
        """Publish, and leave the time that it takes out of the limit."""
        limit, clock = self._limit, asyncio.get_running_loop().time
        ends, began = (None if limit is None else limit.when()), clock()
        if limit is not None:
            limit.reschedule(None)
        await self._publish(result)
        if limit is not None and ends is not None and not self.superseded:
            limit.reschedule(ends + clock() - began)

    def _tries(self) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=asyncio.sleep,
            retry=retry_if_exception(is_retriable),
            wait=wait_random_exponential(self._settings.retry_first_s, self._settings.retry_most_s),
            stop=self._is_enough,
            reraise=True,
        )

    def _is_enough(self, state: RetryCallState) -> bool:
        if state.attempt_number >= self._most_attempts:
            return True
        return self._give_up_at_ms is not None and self._now_ms() + state.upcoming_sleep * 1000 > self._give_up_at_ms


def is_retriable(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later."""
    return isinstance(error, TimeoutError) or (isinstance(error, EngineError) and error.retriable)
