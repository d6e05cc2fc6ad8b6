"""Learning from a compacted topic."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pipeline.bus.bus import BusDownError
from pipeline.bus.memory import MemoryBus
from pipeline.following import follow
from pipeline.messages import Message, RoomSettings
from tests.fakes.virtual_time import virtual_time


async def test_it_follows_the_topic_until_the_bus_closes() -> None:
    """What stood there first, then what comes."""
    noted: list[Message] = []
    async with MemoryBus() as bus:
        await bus.publish(RoomSettings(room_id="before", formality="more"))
        following = asyncio.create_task(follow(bus, RoomSettings.TOPIC, "", noted.append))
        await asyncio.sleep(0.01)
        await bus.publish(RoomSettings(room_id="after", formality="less"))
        await asyncio.sleep(0.01)
        assert [message.key for message in noted] == ["before", "after"]
    async with asyncio.timeout(1):
        await following


@virtual_time
async def test_a_bus_that_is_down_is_tried_again() -> None:
    """Nothing else suffers from it."""
    noted: list[Message] = []
    async with MemoryBus() as bus:

        class Down:
            """Down once, and then the bus."""

            tries = 0

            @asynccontextmanager
            async def subscribe(self, *topics: str, **kwargs: Any) -> AsyncIterator[Any]:
                self.tries += 1
                if self.tries == 1:
                    raise BusDownError
                async with bus.subscribe(*topics, **kwargs) as records:
                    yield records

        following = asyncio.create_task(follow(Down(), RoomSettings.TOPIC, "", noted.append))  # type: ignore[arg-type]  # as much of a bus as is used
        await asyncio.sleep(1.1)
        await bus.publish(RoomSettings(room_id="a", formality="less"))
        await asyncio.sleep(0.1)
        assert [message.key for message in noted] == ["a"]
    await following
