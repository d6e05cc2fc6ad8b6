"""A feed of captions on a real bus in memory, and readers who remember what they were shown."""

import contextlib
from collections.abc import AsyncIterator

from pipeline.bus.memory import MemoryBus
from pipeline.messages import Message
from signaling.captions.caption import Caption, Reader
from signaling.captions.feed import CaptionFeed
from signaling.captions.settings import CaptionSettings
from tests.fakes.rooms import FakeRooms
from tests.support.until import until


class Reading:
    """A reader of the room `demo` and what they were shown, while the block runs."""

    def __init__(self, feed: CaptionFeed, reader: Reader, *, after: str | None = None) -> None:
        self.reader = reader
        self.shown: list[Caption] = []
        self._reading = feed.reading("demo", lambda: self.reader, self.shown.append, after=after)

    def __enter__(self) -> "Reading":
        self._reading.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._reading.__exit__(None, None, None)

    @property
    def texts(self) -> list[str]:
        return [caption.text for caption in self.shown]


@contextlib.asynccontextmanager
async def running_feed(
    settings: CaptionSettings | None = None, minutes: float | None = None
) -> AsyncIterator[tuple[CaptionFeed, MemoryBus]]:
    """Run a feed on a bus; nobody translates yet."""
    async with MemoryBus() as bus:
        rooms = FakeRooms()
        feed = CaptionFeed(bus, rooms, history=50, expiry_ms=60_000, settings=settings, minutes_of=lambda _: minutes)
        async with feed.open():
            await until(lambda: feed.running)
            yield feed, bus


async def published(bus: MemoryBus, kind: type[Message]) -> list[Message]:
    """Give what was published on a kind's topic."""
    return [record.message async for record in bus.history(kind.TOPIC)]
