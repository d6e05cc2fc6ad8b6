"""All the lanes of a worker. Their life with a bus is told in test_worker."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from pipeline.bus.bus import Record
from pipeline.bus.memory import MemoryBus
from pipeline.health import Health
from pipeline.lanes import Lanes
from pipeline.messages import DeadLetter, Message, Said, Transcript
from pipeline.messages.unreadable import Unreadable
from pipeline.recall import Recall
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
    """Writes down what is committed and paused, and runs what the worker would guard."""

    behind = 0

    def __init__(self) -> None:
        self.partitions = frozenset({0, 1})
        self.offsets: list[int] = []
        self.paused: set[int] = set()
        self.published: list[Message] = []

    def __aiter__(self) -> AsyncIterator[Record]:
        raise AssertionError("nobody reads here")

    def pause(self, partition: int) -> None:
        self.paused.add(partition)

    def resume(self, partition: int) -> None:
        self.paused.discard(partition)

    async def commit(self, record: Record) -> None:
        self.offsets.append(record.offset)

    async def publish(self, message: Message) -> None:
        self.published.append(message)

    async def guard(self, chore: Callable[[], Awaitable[None]]) -> None:
        await chore()

    def lanes(self, stage: Stage[Any], settings: WorkerSettings, health: Health | None = None) -> Lanes[Any]:
        return Lanes(
            stage,
            settings,
            work=self,
            publish=self.publish,
            recall=Recall(MemoryBus(), stage, self.guard),
            guard=self.guard,
            health=health or Health(sick_after=3, sick_for_ms=1000),
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


@virtual_time
async def test_a_full_lane_pauses_its_partition_and_nobody_else() -> None:
    """Until half of what waits there is done."""
    committed = Committed()
    lanes = committed.lanes(Slow(), WorkerSettings(queue_per_key=4))
    paused_at = []
    for offset in range(6):
        await lanes.put(record(offset))
        paused_at.append(set(committed.paused))
    assert paused_at == [set(), set(), set(), {0}, {0}, {0}]
    await lanes.put(record(0, "bob", partition=1))
    assert asyncio.get_running_loop().time() == 0
    for after_s, paused in ((2.5, {0}), (1.0, set[int]())):
        await asyncio.sleep(after_s)
        assert committed.paused == paused
    await asyncio.sleep(3)


@virtual_time
async def test_what_cannot_be_read_is_a_dead_letter_at_once() -> None:
    """One try, its bytes as they were; its neighbours do not wait, and it says nothing about the engine."""
    committed, health = Committed(), Health(sick_after=1, sick_for_ms=1e9)
    lanes = committed.lanes(Slow(), WorkerSettings(), health)
    bad = Unreadable(record_key="room/ann", value=b"\xc1", why="its language is none")
    await lanes.put(record(0))
    await lanes.put(Record("text.original", "room/ann", bad, {"schema": "?"}, 0, 1, value=b"\xc1"))
    await asyncio.sleep(0.1)
    (letter,) = committed.published
    assert isinstance(letter, DeadLetter)
    assert (letter.error, letter.message, letter.attempts) == ("UnreadableRecordError", "its language is none", 1)
    assert (letter.records(), letter.original_headers, letter.original_offset) == ((b"\xc1",), {"schema": "?"}, 1)
    assert committed.offsets == []
    await asyncio.sleep(1)
    assert (committed.offsets, health.healthy(virtual_now_ms())) == ([1], True)


@virtual_time
async def test_it_knows_when_the_last_record_came() -> None:
    """For whoever asks whether anything comes at all."""
    committed = Committed()
    lanes = committed.lanes(Slow(), WorkerSettings())
    known = [lanes.last_record_at_ms]
    await asyncio.sleep(1)
    await lanes.put(record(0))
    assert [*known, lanes.last_record_at_ms] == [None, virtual_now_ms()]
    await lanes.close()


@virtual_time
async def test_nothing_is_published_for_a_partition_that_is_another_workers() -> None:
    """It may have begun to do the same; here it is forgotten, with what the stage keeps of it."""

    class Says(Slow):
        forgotten = False

        async def work(self, message: Transcript) -> AsyncGenerator[Said, None]:
            await asyncio.sleep(1)
            yield message

        async def forget(self, key: str) -> None:
            self.forgotten = True

    committed, stage = Committed(), Says()
    lanes = committed.lanes(stage, WorkerSettings())
    await lanes.put(record(0))
    await asyncio.sleep(0.5)
    committed.partitions = frozenset({1})
    await lanes.put(record(1))
    await asyncio.sleep(5)
    assert (committed.published, committed.offsets) == ([], [])
    await lanes.forget(0)
    assert stage.forgotten
