"""One receiver of webhooks: what waits for it, in order, and the task that delivers it."""

import asyncio
import contextlib
import time
from collections import deque
from typing import NamedTuple

import aiohttp
import structlog
from prometheus_client import Counter, Gauge, Histogram
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_exponential, wait_random

from signaling.webhooks.post import Answer, post
from signaling.webhooks.settings import WebhookSettings
from signaling.webhooks.signature import headers_of

EVENTS = Counter("parley_webhook_events_total", "Events for receivers, by what became of them", ["outcome"])
WAITING = Gauge("parley_webhook_events_waiting", "Events that wait to be delivered", ["receiver"])
AGE = Histogram(
    "parley_webhook_delivery_seconds",
    "From an event to its receiver's having it",
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600),
)

_log = structlog.get_logger(__name__)


class Letter(NamedTuple):
    """An event on its way."""

    event_id: str
    body: bytes
    # When it was put here, in seconds of the monotonic clock.
    since: float


class Receiver:
    """Delivers events to one URL, one at a time and in order, each until it is taken, too old, or the server stops.

    Logs and metrics name a receiver by its number: an address may hold what is nobody's business.
    """

    def __init__(self, number: int, url: str, settings: WebhookSettings) -> None:
        self._number = number
        self._url = url
        self._settings = settings
        self._secrets = tuple(filter(None, (settings.secret, settings.previous_secret)))
        # Those that wait, the oldest first, and the one that is being delivered.
        self._waiting: deque[Letter] = deque()
        self._current: Letter | None = None
        self._something = asyncio.Event()
        self._closing = asyncio.Event()
        # It said 410: it gets nothing more.
        self.gone = False
        # Whether the last attempt failed.
        self._failing = False
        self._gauge = WAITING.labels(str(number))
        # The pause before the next attempt: it doubles, with up to `first_retry_s` by chance on top.
        self._backoff = wait_exponential(settings.first_retry_s, settings.longest_retry_s) + wait_random(
            0, settings.first_retry_s
        )

    def put(self, event_id: str, body: bytes) -> None:
        """Take an event. Never waits; when the queue is full, the oldest event that waits is dropped."""
        if self.gone:
            EVENTS.labels("refused").inc()
            return
        if len(self._waiting) >= self._settings.queue_size:
            self._waiting.popleft()
            EVENTS.labels("dropped").inc()
        self._waiting.append(Letter(event_id, body, time.monotonic()))
        self._gauge.set(len(self._waiting))
        self._something.set()

    async def deliver_all(self, session: aiohttp.ClientSession) -> None:
        """Deliver what comes, until `close`. A failure of ours costs one event."""
        while self._waiting or not self._closing.is_set():
            if not self._waiting:
                self._something.clear()
                await self._something.wait()
                continue
            self._current = letter = self._waiting.popleft()
            self._gauge.set(len(self._waiting))
            try:
                outcome = await self._deliver(session, letter)
            except Exception:
                # Nobody awaits this task: a fault here must not end it.
                _log.exception("webhook_broke", receiver=self._number)
                outcome = "broken"
            self._current = None
            EVENTS.labels(outcome).inc()
            if self.gone:
                self._drop_all("refused")

    def close(self) -> None:
        """Pause no longer between attempts: what is here gets one more each, then `deliver_all` ends."""
        self._closing.set()
        self._something.set()

    def forget(self) -> None:
        """Drop what could not be delivered before the server's end; `deliver_all` has ended, or was cancelled."""
        if self._current is not None:
            self._waiting.append(self._current)
            self._current = None
        self._drop_all("stopped")

    def _drop_all(self, outcome: str) -> None:
        EVENTS.labels(outcome).inc(len(self._waiting))
        self._waiting.clear()
        self._gauge.set(0)

    async def _deliver(self, session: aiohttp.ClientSession, letter: Letter) -> str:
        """Try until there is no use in going on, and say what became of it."""
        if _age_s(letter) > self._settings.max_age_s:
            return "expired"
        retrying = AsyncRetrying(
            sleep=self._sleep,
            wait=self._pause_s,
            stop=lambda state: self._ends(letter, state),
            retry=retry_if_result(lambda answer: not (answer.taken or answer.gone)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        answer: Answer = await retrying(self._attempt, session, letter)
        if answer.taken:
            AGE.observe(_age_s(letter))
            return "delivered"
        if answer.gone:
            self.gone = True
            _log.warning("webhook_gone", receiver=self._number)
            return "refused"
        return "stopped" if self._closing.is_set() else "expired"

    async def _attempt(self, session: aiohttp.ClientSession, letter: Letter) -> Answer:
        # Signed anew each time: receivers refuse what was signed long ago.
        headers = headers_of(self._secrets, letter.event_id, int(time.time()), letter.body)
        answer = await post(session, self._url, headers, letter.body)
        failing = not answer.taken
        if failing != self._failing:
            self._failing = failing
            tell = _log.warning if failing else _log.info
            tell("webhook_failing" if failing else "webhook_recovered", receiver=self._number, result=answer.result)
        return answer

    def _pause_s(self, state: RetryCallState) -> float:
        wanted = state.outcome.result().retry_after_s if state.outcome else 0.0
        return min(max(self._backoff(state), wanted), self._settings.longest_retry_s)

    def _ends(self, letter: Letter, state: RetryCallState) -> bool:
        return self._closing.is_set() or _age_s(letter) + state.upcoming_sleep > self._settings.max_age_s

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


def _age_s(letter: Letter) -> float:
    return time.monotonic() - letter.since
