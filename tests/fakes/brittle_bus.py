"""A bus that a test can take away and bring back."""

from collections.abc import AsyncIterator

from pipeline.bus.bus import BusDownError, BusError, Record
from pipeline.bus.memory import MemoryBus
from pipeline.messages import Message


class BrittleBus(MemoryBus):
    """The memory bus; while it is `down` it takes nothing and gives no history. It always refuses what is too large."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.attempts = 0
        # Bytes of a dead letter's originals; more is refused for good.
        self.most_bytes = 1_000_000

    @property
    def up(self) -> bool:
        return not self.down and super().up

    async def publish(self, message: Message) -> None:
        self.attempts += 1
        if self.down:
            raise BusDownError("as the test asked")
        if sum(map(len, getattr(message, "originals", ()))) > self.most_bytes:
            raise BusError("too large")
        await super().publish(message)

    async def history(
        self, topic: str, *, partition: int | None = None, since_ms: int | None = None
    ) -> AsyncIterator[Record]:
        if self.down:
            raise BusDownError("as the test asked")
        async for record in super().history(topic, partition=partition, since_ms=since_ms):
            yield record
