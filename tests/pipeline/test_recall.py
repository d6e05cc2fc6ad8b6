"""Reading back what was made of a partition before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pipeline.bus.bus import Record
from pipeline.bus.topics import TOPICS
from pipeline.messages import Message, Transcript
from pipeline.recall import Recall
from tests.fakes.brittle_bus import BrittleBus
from tests.fakes.stages import Echo
from tests.fakes.virtual_time import virtual_time
from tests.pipeline.support import chunk, transcript


class Recalls(Echo):
    """Writes down what it is told."""

    recalls = Transcript.TOPIC

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def recall(self, message: Message) -> None:
        assert isinstance(message, Transcript)
        self.told.append(message.payload)


async def guard(chore: Callable[[], Awaitable[None]]) -> None:
    await chore()


def partition_of(user: str) -> int:
    return TOPICS[1].partition_of(f"room/{user}")


def first(user: str = "ann", timestamp_ms: int = 0) -> Record:
    message = chunk(user=user)
    return Record("audio.raw", message.key, message, {}, partition_of(user), 7, timestamp_ms=timestamp_ms)


@asynccontextmanager
async def recall(stage: Echo) -> AsyncIterator[tuple[BrittleBus, Recall]]:
    async with BrittleBus() as bus:
        reads = Recall(bus, stage, guard)
        await bus.publish(transcript("ours"))
        stranger = next(user for user in map(str, range(99)) if partition_of(user) != partition_of("ann"))
        await bus.publish(transcript("theirs", user=stranger))
        yield bus, reads
        await reads.close()
        await reads.close()


@virtual_time
async def test_a_stage_is_told_what_there_is_of_the_partition_once() -> None:
    """Before its first record is worked on; of other partitions nothing."""
    stage = Recalls()
    async with recall(stage) as (_, reads):
        for _ in range(2):
            reads.begin(first())
        await reads.done(partition_of("ann"))
        assert stage.told == ["ours"]


@virtual_time
async def test_what_is_much_older_than_the_first_record_is_not_read() -> None:
    """It is about utterances that were through before."""
    stage = Recalls()
    async with recall(stage) as (_, reads):
        reads.begin(first(timestamp_ms=9_000_000_000_000))
        await reads.done(partition_of("ann"))
        assert stage.told == []


@virtual_time
async def test_it_waits_until_the_bus_is_back() -> None:
    """Nothing is worked on meanwhile."""
    stage = Recalls()
    async with recall(stage) as (bus, reads):
        bus.down = True
        reads.begin(first())
        waiting = asyncio.create_task(reads.done(partition_of("ann")))
        await asyncio.sleep(20)
        assert not waiting.done()
        bus.down = False
        await waiting
        assert stage.told == ["ours"]


@virtual_time
async def test_a_partition_that_comes_back_is_read_again() -> None:
    """Somebody else had it meanwhile."""
    stage = Recalls()
    async with recall(stage) as (_, reads):
        for _ in range(2):
            reads.begin(first())
            await reads.done(partition_of("ann"))
            await reads.forget(partition_of("ann"))
        assert stage.told == ["ours", "ours"]


@virtual_time
async def test_a_stage_that_recalls_nothing_does_not_wait() -> None:
    """Most do not."""
    async with recall(Echo()) as (bus, reads):
        bus.down = True
        reads.begin(first())
        await asyncio.wait_for(reads.done(partition_of("ann")), 0.1)
