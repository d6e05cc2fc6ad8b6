"""All the lanes of a worker. Their life with a bus is told in test_worker."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from pipeline.bus.bus import Record
from pipeline.health import Health
from pipeline.lanes import Lanes
from pipeline.messages import Message, Said, Transcript
from pipeline.settings import WorkerSettings
from pipeline.stage import Stage
from tests.fakes.virtual_time import virtual_now_ms, virtual_time
from tests.pipeline.support import transcript


class Slow(Stage[Transcript]):
    """Takes a second for each record, and gives nothing."""

    name = "translation"
    takes = Transcript

    def __init__(self) -> None:
        self.worked: list[int] = []

    async def work(self, message: Transcript) -> AsyncGenerator[Said, None]:
        await asyncio.sleep(1)
        self.worked.append(message.sequence_number)
        for nothing in tuple[Said, ...]():
            yield nothing

    def give_up_at_ms(self, message: Transcript) -> int | None:
        return None


class Committed:
    """Writes down what is committed, and runs what the worker would guard."""

    def __init__(self) -> None:
        self.offsets: list[int] = []

    async def commit(self, record: Record) -> None:
        self.offsets.append(record.offset)

    async def publish(self, message: Message) -> None:
        raise AssertionError("nothing is published here")

    async def guard(self, chore: Callable[[], Awaitable[None]]) -> None:
        await chore()

    def lanes(self, stage: Stage[Any], settings: WorkerSettings) -> Lanes[Any]:
        return Lanes(
            stage,
            settings,
            publish=self.publish,
            commit=self.commit,
            guard=self.guard,
            health=Health(sick_after=3, sick_for_ms=1000),
            now_ms=virtual_now_ms,
        )


def record(offset: int, user: str = "ann", partition: int = 0) -> Record:
    message = transcript(final=True, user=user)
    return Record("text.original", message.key, message, {}, partition, offset)


@virtual_time
async def test_taking_waits_while_all_lanes_together_are_full() -> None:
    """Until something is begun."""
    committed = Committed()
    lanes = committed.lanes(Slow(), WorkerSettings(queue=2, max_in_flight=1))
    for offset in range(3):
        await lanes.put(record(offset, f"user{offset}"))
    assert asyncio.get_running_loop().time() == 1.0
    await asyncio.sleep(5)
    assert committed.offsets == [0, 1, 2]


@virtual_time
async def test_commits_go_as_far_as_the_oldest_unfinished_record() -> None:
    """One commit covers all that are done behind it."""
    committed = Committed()
    lanes = committed.lanes(Slow(), WorkerSettings())
    for offset, user in enumerate(("ann", "ann", "bob")):
        await lanes.put(record(offset, user))
    await asyncio.sleep(1.5)
    assert committed.offsets == [0]
    await asyncio.sleep(1)
    assert committed.offsets == [0, 2]


@virtual_time
async def test_a_record_that_comes_again_starts_its_partition_anew() -> None:
    """What was in work there is broken off, so nothing is done twice at once."""
    committed, stage = Committed(), Slow()
    lanes = committed.lanes(stage, WorkerSettings())
    await lanes.put(record(0))
    await lanes.put(record(0, "bob", partition=1))
    await asyncio.sleep(0.5)
    await lanes.put(record(0))
    await asyncio.sleep(0.6)
    assert len(stage.worked) == 1
    await asyncio.sleep(1)
    assert (len(stage.worked), committed.offsets, set(lanes.partitions)) == (2, [0, 0], {0, 1})


@virtual_time
async def test_closing_begins_nothing_more() -> None:
    """What is in work ends, what waits does not begin."""
    committed, stage = Committed(), Slow()
    lanes = committed.lanes(stage, WorkerSettings(drain_s=5))
    for offset in range(2):
        await lanes.put(record(offset))
    await asyncio.sleep(0.5)
    await lanes.close()
    await lanes.put(record(2))
    await asyncio.sleep(5)
    assert (len(stage.worked), committed.offsets) == (1, [0])
