"""What holds in a room is said until it is heard."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from media_server.announcer import DROPPED, Announcer
from pipeline.bus.bus import BusDownError
from pipeline.bus.memory import MemoryBus
from pipeline.messages import RoomSettings
from pipeline.messages.base import Message
from tests.pipeline.support import Heard, listening
from tests.support.until import until


class UnsteadyBus(MemoryBus):
    """Down for the first tries."""

    def __init__(self, faults: int = 0) -> None:
        super().__init__()
        self.faults = faults

    async def publish(self, message: Message) -> None:
        if self.faults:
            self.faults -= 1
            raise BusDownError
        await super().publish(message)


def settings(room_id: str, formality: str = "default") -> RoomSettings:
    return RoomSettings(room_id=room_id, formality=formality)


@pytest.fixture
async def bus() -> AsyncIterator[UnsteadyBus]:
    async with UnsteadyBus() as bus:
        yield bus


def said(heard: Heard) -> list[tuple[str, str]]:
    return [(message.room_id, message.formality) for message in heard.of(RoomSettings)]


async def test_what_is_announced_is_published(bus: UnsteadyBus) -> None:
    """In the order in which it came."""
    async with listening(bus, RoomSettings.TOPIC) as heard, Announcer(bus) as announcer:
        announcer.announce(settings("a"))
        announcer.announce(settings("b"))
        await until(lambda: len(said(heard)) == 2)
    assert said(heard) == [("a", "default"), ("b", "default")]


async def test_what_fails_is_said_again_in_its_newest_form(bus: UnsteadyBus) -> None:
    """Nobody is told what does not hold any more."""
    bus.faults = 2
    async with listening(bus, RoomSettings.TOPIC) as heard, Announcer(bus, retry_s=0.02) as announcer:
        announcer.announce(settings("a", "more"))
        await asyncio.sleep(0.01)
        announcer.announce(settings("a", "less"))
        await until(lambda: len(said(heard)) == 1)
    assert said(heard) == [("a", "less")]


async def test_leaving_says_what_waits(bus: UnsteadyBus) -> None:
    """A room's end is told although the node goes."""
    async with listening(bus, RoomSettings.TOPIC) as heard:
        async with Announcer(bus) as announcer:
            announcer.announce(RoomSettings(room_id="a", ended=True))
        await until(lambda: bool(said(heard)))
        before = DROPPED.labels("closed")._value.get()
        announcer.announce(settings("late"))
        assert DROPPED.labels("closed")._value.get() == before + 1


async def test_when_too_much_waits_the_oldest_goes(bus: UnsteadyBus) -> None:
    """And that is counted."""
    before = DROPPED.labels("full")._value.get()
    async with listening(bus, RoomSettings.TOPIC) as heard, Announcer(bus, most=2) as announcer:
        for room in "abc":
            announcer.announce(settings(room))
        await until(lambda: len(said(heard)) == 2)
    assert [room for room, _ in said(heard)] == ["b", "c"]
    assert DROPPED.labels("full")._value.get() == before + 1


async def test_a_bus_that_closes_ends_it() -> None:
    """Nothing is left running."""
    async with UnsteadyBus() as bus:
        announcer = await Announcer(bus).__aenter__()
    announcer.announce(settings("a"))
    await announcer.__aexit__(None, None, None)
