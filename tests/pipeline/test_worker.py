"""The worker's loop: order, commits, retries, dead letters, closing. The stage here follows a script."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import TOPICS
from pipeline.engines.engine import EngineCrashedError, EngineError, UnsupportedLanguageError
from pipeline.messages import DeadLetter, Said, Transcript, Translation, WorkerStatus
from pipeline.messages.codec import decode
from pipeline.settings import BusSettings, WorkerSettings
from pipeline.stage import Stage
from pipeline.worker import Worker
from tests.fakes.stages import Echo, echo
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import Heard, chunk, listening, transcript, uncommitted

GROUP = "group"
HASTY = WorkerSettings(drain_s=0.0)


def final(text: str, user: str = "ann") -> Transcript:
    return transcript(text, final=True, user=user)


def worker(bus: MemoryBus, stage: Stage[Any], settings: WorkerSettings | None = None) -> Worker[Any]:
    return Worker(bus, Transcript.TOPIC, GROUP, stage, settings, worker_id="worker", now_ms=virtual_now_ms)


def texts(heard: Heard) -> list[str]:
    return [message.payload for message in heard.of(Translation)]


def has(text: str) -> Callable[[Translation], bool]:
    return lambda message: message.payload == text


async def left_over(bus: MemoryBus) -> list[str]:
    """Say what the next worker would get."""
    left = await uncommitted(bus, Transcript.TOPIC, GROUP)
    return [message.payload for message in left if isinstance(message, Transcript)]


@virtual_time
async def test_a_key_keeps_its_order_while_many_are_worked_on_at_once() -> None:
    """Twenty speakers' records, each taking another time, come out in order for every speaker."""
    script: dict[str, float | list[Exception]] = {f"{n}": 0.3 - n * 0.05 for n in range(5)}
    stage = Echo(script)
    async with MemoryBus() as bus, worker(bus, stage), listening(bus) as heard:
        for text in script:
            for user in range(20):
                await bus.publish(final(text, f"user{user}"))
        await asyncio.sleep(2)
    for user in range(20):
        said = [message.payload for message in heard.of(Translation) if message.user_id == f"user{user}"]
        assert said == ["0", "1", "2", "3", "4"]
    assert stage.most_at_once == 20


@virtual_time
async def test_a_slow_key_does_not_delay_another() -> None:
    """What one speaker waits for, the other does not."""
    async with MemoryBus() as bus, worker(bus, Echo({"slow": 5.0})), listening(bus) as heard:
        await bus.publish(final("slow", "ann"))
        await bus.publish(final("after slow", "ann"))
        await bus.publish(final("quick", "bob"))
        await heard.until(Translation, has("quick"))
        assert virtual_now_ms() == EPOCH_MS
        await heard.until(Translation, has("after slow"))
        assert virtual_now_ms() == EPOCH_MS + 5000


@virtual_time
async def test_no_more_keys_than_allowed_are_worked_on_at_once() -> None:
    """The others wait their turn."""
    stage = Echo({"work": 1.0})
    async with MemoryBus() as bus, worker(bus, stage, WorkerSettings(max_in_flight=3)), listening(bus) as heard:
        for user in range(9):
            await bus.publish(final("work", f"user{user}"))
        await asyncio.sleep(3.5)
    assert (stage.most_at_once, len(texts(heard))) == (3, 9)


@virtual_time
async def test_a_full_worker_takes_no_more_from_the_bus() -> None:
    """What waits in the worker for one key is bounded; then the bus's own bound makes the publisher wait."""
    stage = Echo({"first": 10.0})
    settings = WorkerSettings(queue_per_key=4)
    async with MemoryBus(BusSettings(queue=3)) as bus, worker(bus, stage, settings), listening(bus) as heard:
        taken_at_ms = []
        for text in ("first", *map(str, range(1, 12))):
            await bus.publish(final(text))
            taken_at_ms.append(virtual_now_ms() - EPOCH_MS)
        await heard.until(Translation, has("11"))
    assert taken_at_ms == [0] * 8 + [10_000] * 4
    assert texts(heard) == ["first", *map(str, range(1, 12))]


@virtual_time
async def test_what_is_published_is_committed_and_what_is_not_comes_again() -> None:
    """A worker that dies in the middle of a record leaves that one to the next worker."""
    async with MemoryBus() as bus, listening(bus) as heard:
        async with worker(bus, Echo({"two": 60.0}), HASTY):
            await bus.publish(final("one"))
            await bus.publish(final("two"))
            await bus.publish(final("three"))
            await asyncio.sleep(1)
        assert await left_over(bus) == ["two", "three"]
        async with worker(bus, Echo()):
            await heard.until(Translation, has("three"))
        assert await left_over(bus) == []
    assert texts(heard) == ["one", "two", "three"]


@virtual_time
async def test_a_worker_that_dies_between_publishing_and_committing_makes_a_duplicate() -> None:
    """The next worker publishes the same identity again, by which it is known for a duplicate."""

    class DiesBeforeCommit(Echo):
        async def work(self, message: Transcript) -> AsyncGenerator[Translation, None]:
            yield echo(message)
            await asyncio.sleep(60)

    async with MemoryBus() as bus, listening(bus) as heard:
        async with worker(bus, DiesBeforeCommit(), HASTY):
            await bus.publish(final("one"))
            await heard.until(Translation)
        async with worker(bus, Echo()):
            await heard.until(Translation, lambda _: len(heard.of(Translation)) == 2)
    first, again = heard.of(Translation)
    assert first == again


@virtual_time
async def test_nothing_behind_an_unfinished_record_of_another_key_is_committed() -> None:
    """Within a partition, a commit goes as far as the oldest unfinished record of any key."""
    async with MemoryBus() as bus:
        # Two speakers of one partition.
        users = [user for user in (f"user{n}" for n in range(40)) if partition_of(user) == partition_of("user0")][:2]
        async with worker(bus, Echo({"slow": 60.0}), HASTY):
            await bus.publish(final("slow", users[0]))
            await bus.publish(final("quick", users[1]))
            await asyncio.sleep(1)
        assert await left_over(bus) == ["slow", "quick"]


def partition_of(user: str) -> int:
    return TOPICS[1].partition_of(final("", user).key)


@virtual_time
async def test_a_retriable_error_is_retried_until_it_succeeds() -> None:
    """Two failures, then the result; no dead letter."""
    stage = Echo({"one": [EngineError("a"), EngineCrashedError("b")]})
    async with MemoryBus() as bus, worker(bus, stage), listening(bus) as heard:
        await bus.publish(final("one"))
        await heard.until(Translation)
    assert stage.begun == ["one"] * 3
    assert [message.skipped for message in heard.of(Translation)] == [False]
    assert not heard.of(DeadLetter)


@virtual_time
async def test_a_permanent_error_becomes_a_tombstone_and_a_dead_letter_and_the_next_record_goes_on() -> None:
    """One try; the original is in the dead letter as it was; nothing is left uncommitted."""
    bad = final("bad")
    stage = Echo({"bad": [UnsupportedLanguageError("xx")]})
    async with MemoryBus() as bus, listening(bus) as heard:
        async with worker(bus, stage, WorkerSettings(version="1.2.3")):
            await bus.publish(bad)
            await bus.publish(final("good"))
            await heard.until(Translation, has("good"))
        assert await left_over(bus) == []
    tombstone, good = heard.of(Translation)
    assert (tombstone.skipped, tombstone.reason, good.skipped) == (True, "UnsupportedLanguageError", False)
    (letter,) = heard.of(DeadLetter)
    assert (letter.stage, letter.error, letter.message) == ("translation", "UnsupportedLanguageError", "xx")
    assert (letter.attempts, letter.worker_version, letter.first_failed_at_ms) == (1, "1.2.3", EPOCH_MS)
    assert (letter.original_topic, letter.original_key) == ("text.original", "room/ann")
    assert [decode(value, letter.original_headers) for value in letter.originals] == [bad]


@virtual_time
async def test_an_error_that_stays_is_given_up_after_so_many_tries() -> None:
    """Retrying ends, and the dead letter says how often it was tried."""
    stage = Echo({"bad": [EngineError("again") for _ in range(10)]})
    async with MemoryBus() as bus, worker(bus, stage, WorkerSettings(attempts=3)), listening(bus) as heard:
        await bus.publish(final("bad"))
        assert (await heard.until(DeadLetter)).attempts == 3


@virtual_time
async def test_nothing_is_retried_beyond_its_age() -> None:
    """When the next try would come too late, there is none."""
    stage = Echo({"bad": [EngineError("again") for _ in range(1000)]})
    stage.give_up_after_ms = 2000
    async with MemoryBus() as bus, worker(bus, stage, WorkerSettings(attempts=1000)), listening(bus) as heard:
        await bus.publish(final("bad"))
        await heard.until(DeadLetter)
    assert EPOCH_MS + 500 < virtual_now_ms() <= EPOCH_MS + 2000


@virtual_time
async def test_a_record_that_hangs_is_ended_by_the_time_limit() -> None:
    """The limit is hard, and the key goes on."""
    hanging = Echo({"hangs": 1e6})
    async with MemoryBus() as bus, worker(bus, hanging, WorkerSettings(record_limit_s=20)), listening(bus) as heard:
        await bus.publish(final("hangs"))
        await bus.publish(final("next"))
        await heard.until(Translation, has("next"))
    assert virtual_now_ms() == EPOCH_MS + 20_000
    (letter,) = heard.of(DeadLetter)
    assert (letter.error, letter.message) == ("TimeLimitError", "not done within 20 s")


@virtual_time
async def test_a_record_of_another_kind_becomes_a_dead_letter() -> None:
    """It does not stop the worker."""

    class Elsewhere(Echo):
        takes = Transcript

    async with MemoryBus() as bus, listening(bus) as heard:
        stray = Worker(bus, "audio.raw", GROUP, Elsewhere(), worker_id="worker", now_ms=virtual_now_ms)
        async with stray:
            await bus.publish(chunk())
            letter = await heard.until(DeadLetter)
    assert letter.message == "AudioChunk on audio.raw"
    assert not heard.of(Translation)


@virtual_time
async def test_a_stage_that_cannot_even_fail_does_not_stop_its_worker() -> None:
    """An error while making the tombstone costs the tombstone only."""

    class Clumsy(Echo):
        async def fail(self, message: Transcript, reason: str) -> Sequence[Said]:
            raise ValueError("oops")

    async with MemoryBus() as bus, listening(bus) as heard, worker(bus, Clumsy({"bad": [ValueError("bad")]})):
        await bus.publish(final("bad"))
        await bus.publish(final("good"))
        await heard.until(Translation, has("good"))
    assert len(heard.of(DeadLetter)) == 1


@virtual_time
async def test_what_can_be_spared_is_neither_retried_nor_kept() -> None:
    """A failed interim leaves no trace but a count."""
    stage = Echo({"draft": [EngineError("busy")]})
    async with MemoryBus() as bus, worker(bus, stage), listening(bus) as heard:
        await bus.publish(transcript("draft"))
        await bus.publish(final("final", "bob"))
        await heard.until(Translation)
    assert stage.begun.count("draft") == 1
    assert (texts(heard), heard.of(DeadLetter)) == (["final"], [])


@virtual_time
async def test_the_latest_interim_wins_and_never_delays_a_final() -> None:
    """Interims that waited are passed over; one that is in work is broken off."""
    stage = Echo({"i1": 10.0, "i2": 10.0})
    async with MemoryBus() as bus, listening(bus) as heard:
        async with worker(bus, stage):
            for text in ("i1", "i2", "i3"):
                await bus.publish(transcript(text))
            await bus.publish(final("final"))
            await heard.until(Translation, has("final"))
            assert virtual_now_ms() == EPOCH_MS
        assert await left_over(bus) == []
    assert texts(heard) == ["final"]


@virtual_time
async def test_closing_lets_work_in_hand_end() -> None:
    """What can end within the time for draining is published and committed; what waits is left to others."""
    async with MemoryBus() as bus, listening(bus) as heard:
        closing = worker(bus, Echo({"in work": 1.0}), WorkerSettings(drain_s=2.0))
        async with closing:
            await bus.publish(final("in work"))
            await bus.publish(final("waiting"))
            await asyncio.sleep(0.5)
        await closing.__aexit__(None, None, None)
        assert texts(heard) == ["in work"]
        assert await left_over(bus) == ["waiting"]


@virtual_time
async def test_a_partition_that_moves_to_another_worker_is_dropped_here() -> None:
    """Work on it is broken off and its state forgotten; the other worker does it all."""
    stage, other = Echo({"slow": 60.0}), Echo()
    users = [f"user{number}" for number in range(24)]
    async with MemoryBus() as bus, AsyncExitStack() as stack, listening(bus) as heard:
        await stack.enter_async_context(worker(bus, stage, HASTY))
        for user in users:
            await bus.publish(final("slow", user))
        await asyncio.sleep(0.1)
        await stack.enter_async_context(worker(bus, other))
        await asyncio.sleep(1)
        moved = {message.user_id for message in heard.of(Translation)}
        assert {f"room/{user}" for user in moved} == set(stage.forgotten)
        assert 0 < len(moved) < len(users)
        assert stage.at_once == len(users) - len(moved)


@virtual_time
async def test_a_worker_says_what_it_can_do_and_when_it_stops() -> None:
    """At the start, every two seconds, and at the end."""
    async with MemoryBus() as bus, listening(bus) as heard:
        async with worker(bus, Echo()):
            await asyncio.sleep(5)
        await asyncio.sleep(0)
    reports = [(status.at_ms - EPOCH_MS, status.healthy, status.reason) for status in heard.of(WorkerStatus)]
    assert reports == [(0, True, ""), (2000, True, ""), (4000, True, ""), (5000, False, "stopped")]
    assert heard.of(WorkerStatus)[0].pairs == (("en", "es"),)


@virtual_time
async def test_a_worker_that_keeps_failing_calls_itself_unhealthy_for_a_while() -> None:
    """After three failures in a row, at once; ten seconds later it is given another chance."""
    stage = Echo({"bad": [ValueError("bad") for _ in range(3)]})
    async with MemoryBus() as bus, worker(bus, stage), listening(bus) as heard:
        for _ in range(3):
            await bus.publish(final("bad"))
        sick = await heard.until(WorkerStatus, lambda status: not status.healthy)
        well = await heard.until(WorkerStatus, lambda status: status.healthy and status.at_ms > sick.at_ms)
    assert (sick.at_ms - EPOCH_MS, sick.reason) == (250, "ValueError")
    assert 10_000 <= well.at_ms - EPOCH_MS <= 10_250


@virtual_time
async def test_records_that_ask_the_engine_nothing_do_not_make_it_well() -> None:
    """Superseded ones, and those with nothing to say, between failures; a real answer does."""
    async with MemoryBus() as bus, listening(bus) as heard:
        stage = Echo({"bad": [ValueError("bad") for _ in range(5)], "draft": 1e6})
        async with worker(bus, stage):
            for text in ("bad", "", "bad", "good", "bad", "", "bad"):
                await bus.publish(final(text))
                await bus.publish(transcript("draft"))
                await asyncio.sleep(0.5)
            assert all(status.healthy for status in heard.of(WorkerStatus))
            await bus.publish(final("bad"))
            sick = await heard.until(WorkerStatus, lambda status: not status.healthy)
    assert sick.reason == "ValueError"


@virtual_time
async def test_a_closed_bus_ends_the_worker_quietly() -> None:
    """Waiting for the worker returns, and closing it still works."""
    async with MemoryBus() as bus, worker(bus, Echo({"slow": 1.0})) as working:
        await bus.publish(final("slow"))
        await asyncio.sleep(0.1)
        await bus.close()
        await working.wait()


@virtual_time
async def test_whoever_waits_for_a_worker_learns_what_ended_it() -> None:
    """A stage that breaks the loop itself, outside of any record, ends the worker loudly."""

    class Broken(Echo):
        def overdue(self, now_ms: int) -> Sequence[str]:
            raise ValueError("broken")

    async with MemoryBus() as bus, worker(bus, Broken()) as working:
        with pytest.raises(ValueError, match="broken"):
            await working.wait()
