"""One record's way through a stage: tries, a time limit, and being superseded."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from prometheus_client import Counter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from pipeline.bus.bus import BusError
from pipeline.clock import NowMs
from pipeline.engines.engine import EngineError
from pipeline.messages.base import Said
from pipeline.settings import WorkerSettings

RETRIES = Counter("parley_pipeline_retries", "Tries of a record after the first", ["stage"])


class TimeLimitError(Exception):
    """A record took longer than any record may."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        return f"not done within {self.limit_s:g} s"


@dataclass(frozen=True)
class Failure:
    """Why a record could not be done."""

    error: Exception
    attempts: int
    # Epoch milliseconds of the first failed try.
    first_failed_at_ms: int


class Job:
    """Runs once. Whatever the stage yields is published in order, each before the stage goes on."""

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
            BusError: nothing can be published now; the record is to be delivered again.
        """
        if self.superseded:
            return None
        try:
            await self._limited()
        except BusError:
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
                    await self._publish(result)
                    self.answered = self.answered or not result.empty
        except Exception:
            self._first_failed_at_ms = self._first_failed_at_ms or self._now_ms()
            raise

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
