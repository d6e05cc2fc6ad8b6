"""Tells the workers what holds in a room: said until it is heard, and never waited for."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from prometheus_client import Counter

from pipeline.bus.bus import Bus, BusClosedError
from pipeline.messages.base import Message

RETRY_S = 1.0
"""Between attempts while the bus does not work."""
PUBLISH_LIMIT_S = 5.0
"""What the bus takes longer for has failed."""
FLUSH_S = 2.0
"""How long closing waits for what is still to be said."""
MOST = 10_000
"""Announcements that may wait; when full, the one that has waited longest is dropped, and counted."""

DROPPED = Counter("parley_announcements_dropped_total", "What workers were never told of a room", ["reason"])

_log = structlog.get_logger(__name__)


Announce = Callable[[Message], None]
"""Tells the workers something of a room. Never waits, never raises."""


class Announcer:
    """Publishes settings of rooms. Of several with one key only the newest is said, in the order of their coming.

    Use it as `async with Announcer(bus) as announcer`; leaving says what waits, for 2 s at most.
    """

    def __init__(self, bus: Bus, *, retry_s: float = RETRY_S, most: int = MOST) -> None:
        self._bus = bus
        self._retry_s = retry_s
        self._most = most
        self._waiting: OrderedDict[str, Message] = OrderedDict()
        self._told = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._say_all(), name="announcer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing = True
        self._told.set()
        task, self._task = self._task, None
        if task is None:
            return
        await asyncio.wait([task], timeout=FLUSH_S)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        DROPPED.labels("closed").inc(len(self._waiting))
        self._waiting.clear()

    def announce(self, message: Message) -> None:
        """Say it soon. Never waits, never raises."""
        if self._closing:
            DROPPED.labels("closed").inc()
            return
        self._waiting.pop(message.key, None)
        self._waiting[message.key] = message
        if len(self._waiting) > self._most:
            self._waiting.popitem(last=False)
            DROPPED.labels("full").inc()
        self._told.set()

    async def _say_all(self) -> None:
        while self._waiting or not self._closing:
            self._told.clear()
            while self._waiting:
                key, message = next(iter(self._waiting.items()))
                try:
                    async with asyncio.timeout(PUBLISH_LIMIT_S):
                        await self._bus.publish(message)
                except BusClosedError:
                    return
                except Exception as error:  # whatever the bus's network throws: it is said later
                    _log.warning("announcement_failed", error=type(error).__name__, waiting=len(self._waiting))
                    await asyncio.sleep(self._retry_s)
                    continue
                if self._waiting.get(key) is message:  # nothing newer came meanwhile
                    del self._waiting[key]
            if not self._closing:
                await self._told.wait()
