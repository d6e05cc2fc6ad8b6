"""What waits to be sent to one client."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from prometheus_client import Counter

DROPPED = Counter("parley_captions_dropped_total", "Captions that were not sent", ["reason"])


class Outbox:
    """At most `size` messages, sent in order. When full, the oldest interim caption goes; without one, the client.

    `on_overflow` is called once, when there is nothing left that may go; from then on nothing is taken.
    """

    def __init__(self, size: int, on_overflow: Callable[[], None]) -> None:
        self._size = size
        self._on_overflow = on_overflow
        # (message, whether it may go)
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._news = asyncio.Event()
        self._overflowed = False

    def put(self, message: bytes, *, droppable: bool = False) -> None:
        """Queue a message. Never blocks, never raises."""
        if self._overflowed:
            return
        if len(self._waiting) >= self._size and not self._make_room():
            if droppable:
                DROPPED.labels("outbox_full").inc()
                return
            self._overflowed = True
            self._on_overflow()
            return
        self._waiting.append((message, droppable))
        self._news.set()

    def _make_room(self) -> bool:
        for place, (_, droppable) in enumerate(self._waiting):
            if droppable:
                del self._waiting[place]
                DROPPED.labels("outbox_full").inc()
                return True
        return False

    async def send_all(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send what is queued, and what will be, one after the other, until cancelled or `send` raises.

        Cancelling loses the message that is being sent, and no other.
        """
        while True:
            while self._waiting:
                message, _ = self._waiting.popleft()
                await send(message)
            self._news.clear()
            await self._news.wait()
