"""One subscriber of the memory bus and what waits for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable

from prometheus_client import Counter

from pipeline.bus.bus import Record

DROPPED = Counter("parley_bus_dropped_records", "Records lost by someone who was due them", ["topic", "why"])


class MemorySubscription:
    """See `Subscription`."""

    def __init__(self, size: int, records: Iterable[Record]) -> None:
        self.dropped = 0
        self._size = size
        self._records = deque(records)
        self._arrived = asyncio.Event()
        self._closed = False

    def put(self, record: Record) -> None:
        """Take a record; when full, drop the oldest."""
        if len(self._records) >= self._size:
            oldest = self._records.popleft()
            self.dropped += 1
            DROPPED.labels(oldest.topic, "subscriber").inc()
        self._records.append(record)
        self._arrived.set()

    def close(self) -> None:
        self._closed = True
        self._arrived.set()

    def __aiter__(self) -> AsyncIterator[Record]:
        return self

    async def __anext__(self) -> Record:
        while not self._records:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._records.popleft()
