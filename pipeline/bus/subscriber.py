"""One subscriber of a bus and what waits for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable

from prometheus_client import Counter

from pipeline.bus.bus import Record, Wants

DROPPED = Counter("parley_bus_dropped_records", "Records lost by someone who was due them", ["topic", "why"])


class Subscriber:
    """See `Subscription`."""

    def __init__(self, size: int, records: Iterable[Record] = (), wants: Wants | None = None) -> None:
        """Keep up to `size` records that were not read yet; `records` are those that wait from the beginning."""
        self.dropped = 0
        self._size = size
        self._wants = wants
        self._records = deque(record for record in records if self.wants(record.key))
        self._arrived = asyncio.Event()
        self._closed = False
        self._error: Exception | None = None

    def wants(self, key: str) -> bool:
        """Whether records of this key are for this subscriber."""
        return self._wants is None or self._wants(key)

    def put(self, record: Record) -> None:
        """Take a record that is wanted; when full, drop the oldest."""
        if len(self._records) >= self._size:
            oldest = self._records.popleft()
            self.dropped += 1
            DROPPED.labels(oldest.topic, "subscriber").inc()
        self._records.append(record)
        self._arrived.set()

    def close(self, error: Exception | None = None) -> None:
        """End the iteration once everything that waits was read: with an error, if there is one."""
        self._error = self._error or error
        self._closed = True
        self._arrived.set()

    def __aiter__(self) -> AsyncIterator[Record]:
        return self

    async def __anext__(self) -> Record:
        while not self._records:
            if self._error is not None:
                raise self._error
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._records.popleft()
