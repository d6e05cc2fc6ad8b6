"""All rooms of a node on a real bus, with fake browsers, scripted analysis, and a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from media_server.packet import AudioPacket
from media_server.participant import Participant
from media_server.rooms import Rooms
from pipeline.bus.memory import MemoryBus
from tests.fakes.analysis import ScriptedAnalysis
from tests.fakes.clock import FakeClock
from tests.fakes.hall import WORKERS
from tests.fakes.peers import FakePeers


class Node:
    """Rooms on a MemoryBus, with time in the test's hand."""

    def __init__(self, bus: MemoryBus) -> None:
        self.bus = bus
        self.clock = FakeClock()
        self.peers = FakePeers()
        self.analysis = ScriptedAnalysis()
        self.rooms = Rooms(bus=bus, new_peer=self.peers, analyser_factory=self.analysis, clock=self.clock)
        self.told: dict[str, list[object]] = {}

    async def join(self, name: str, *, room: str = "hall", hears: str = "en") -> Participant:
        told = self.told.setdefault(name, [])
        self.rooms.set_readers(room, frozenset())
        participant = self.rooms.open(room).join(
            participant_id=name,
            name=name,
            speaking_language="en",
            listening_language=hears,
            original="off",
            events=told.append,
        )
        await participant.answer("offer")
        self.clock.advance(0)
        return participant

    def speak(self, at: int) -> None:
        """Send the packet of this number from the microphone of who joined first."""
        self.peers.made[0].hear(AudioPacket(at, at * 960, b"opus", 30, True, self.clock.now()))

    async def until(self, true: Callable[[], object]) -> None:
        """Let the bus's reader work until something holds."""
        async with asyncio.timeout(2):
            while not true():  # noqa: ASYNC110 - the bus tells nobody when its readers are done
                await asyncio.sleep(0)

    async def workers(self) -> None:
        for status in WORKERS.values():
            await self.bus.publish(status)
        await self.until(lambda: self.rooms.paths.can("en", "es"))


@asynccontextmanager
async def running() -> AsyncIterator[Node]:
    """Run a node whose time stands still."""
    async with MemoryBus() as bus:
        node = Node(bus)
        async with node.rooms:
            yield node
