"""A memory bus whose commits take a while, and are lost with the worker that made them, as on a broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pipeline.bus.bus import Record
from pipeline.bus.memory import MemoryBus, MemoryWork

COMMIT_S = 0.1


class LateWork:
    """See `Work`."""

    def __init__(self, work: MemoryWork) -> None:
        self._work = work
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def partitions(self) -> frozenset[int]:
        return self._work.partitions

    @property
    def behind(self) -> int:
        return self._work.behind

    def __aiter__(self) -> AsyncIterator[Record]:
        return aiter(self._work)

    def pause(self, partition: int) -> None:
        self._work.pause(partition)

    def resume(self, partition: int) -> None:
        self._work.resume(partition)

    async def commit(self, record: Record) -> None:
        self._timers.add(asyncio.get_running_loop().call_later(COMMIT_S, self._now, record))

    def _now(self, record: Record) -> None:
        self._work._group.commit(self._work._member, record.partition, record.offset)

    def die(self) -> None:
        for timer in self._timers:
            timer.cancel()


class LateCommits(MemoryBus):
    @asynccontextmanager
    async def work(self, topic: str, group: str, *, member: str = "") -> AsyncIterator[LateWork]:  # type: ignore[override]
        async with super().work(topic, group, member=member) as work:
            late = LateWork(work)
            try:
                yield late
            finally:
                late.die()
