"""`make bench-bus`: what the bus costs, in memory and on a real Kafka broker of its own. Milliseconds unless said.

- hop: from calling `publish` to having the record, through a group, with chunks of 100 ms of sound of 12 speakers; of
  three tries, that in which other machines took least.
- slow_key: the hop of eight speakers, 80 records a second in all, while a ninth one's records take 150 ms each in the
  same worker (75 % of the time).
- overhead: from publishing the chunk that ends an utterance to holding its first Speech: all four hops and all three
  stages, each worker a process of its own (in memory: all in this one), with engines that take no time.
- utterances_per_s: utterances of 1 s, ten chunks each, that one worker of each stage moves, published as fast as can
  be.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, ClassVar, cast

import msgspec

from parley import logs
from parley.settings import LogSettings
from pipeline.bus.bus import Bus
from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.kafka.topics import KafkaTopics
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import TOPICS
from pipeline.clock import now_ms
from pipeline.event_loop import new_event_loop
from pipeline.messages import AudioChunk, Speech
from pipeline.messages.worker_status import Stage as StageName
from pipeline.settings import KafkaSettings
from pipeline.stage import Condition, Stage
from pipeline.worker import Worker
from tests.benchmarks.distribution import percentile
from tests.benchmarks.process import Stolen
from tests.benchmarks.zero_time import STAGES, zero_time_worker
from tests.pipeline.support import chunk, speech_of
from tests.support.broker import Broker, broker

# Seconds for which hops are measured, records that are not counted because connections warm up, and seconds in which a
# new broker warms up.
HOP_S = 8.0
WARM = 20
WARM_S = 40.0
# Of a hop; the one counts in which least of this machine was taken by others (a virtual one's `steal`).
TRIES = 3
# Of the broker, as one that serves others is run: with Java's optimising compiler, and without pauses for its garbage.
# The tests' brokers are made to start quickly.
JVM = {"KAFKA_HEAP_OPTS": "-Xmx1G -Xms1G", "KAFKA_JVM_PERFORMANCE_OPTS": "-server -XX:+UseZGC"}
SPEAKERS = 12
UTTERANCES = 100
MANY_UTTERANCES = 300


def spread(values: Sequence[float]) -> dict[str, float]:
    return {f"p{percent}": percentile(values, percent) for percent in (50, 95, 99)}


def say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


class Clock:
    """When each chunk was published, and how long it took until it was there."""

    def __init__(self) -> None:
        self._published: dict[tuple[str, int], float] = {}
        self.took_ms: list[float] = []

    async def publish(self, bus: Bus, message: AudioChunk) -> None:
        self._published[message.key, message.sequence_number] = time.perf_counter()
        await bus.publish(message)

    def arrived(self, message: AudioChunk) -> None:
        """Note a chunk that has arrived; one from an earlier measurement is passed over."""
        began = self._published.pop((message.key, message.sequence_number), None)
        if began is not None:
            self.took_ms.append((time.perf_counter() - began) * 1000)


async def speak(clock: Clock, bus: Bus, user: str, per_s: float, seconds: float, late_s: float = 0.0) -> None:
    """Publish chunks at an even rate."""
    begins = time.perf_counter() + late_s
    for number in range(round(seconds * per_s)):
        await asyncio.sleep(max(0.0, begins + number / per_s - time.perf_counter()))
        await clock.publish(bus, at(chunk(number * 100, user=user), now_ms()))


def at(one: AudioChunk, started_at_ms: int) -> AudioChunk:
    return msgspec.structs.replace(one, utterance_started_at_ms=started_at_ms)


async def hop(bus: Bus, per_s: int, seconds: float = HOP_S) -> dict[str, float]:
    """Measure one hop at so many records a second, on topics of their own."""
    clock = Clock()

    async def read() -> None:
        async with bus.work(AudioChunk.TOPIC, f"bench-{per_s}") as work:
            ready.set()
            async for record in work:
                clock.arrived(cast("AudioChunk", record.message))
                await work.commit(record)

    ready = asyncio.Event()
    reading = asyncio.create_task(read())
    await ready.wait()
    rate = per_s / SPEAKERS
    await asyncio.gather(
        *(speak(clock, bus, f"{per_s}-{number}", rate, seconds, number / per_s) for number in range(SPEAKERS))
    )
    await asyncio.sleep(0.5)
    reading.cancel()
    await asyncio.wait([reading])
    return spread(clock.took_ms[WARM:])


class Sleeper(Stage[AudioChunk]):
    """Takes long over one speaker's chunks, and no time over the others'."""

    name: ClassVar[StageName] = "recognition"
    takes = AudioChunk

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def condition(self) -> Condition:
        return Condition("sleeper")

    async def work(self, message: AudioChunk) -> AsyncGenerator[AudioChunk, None]:
        if message.user_id == "slow":
            await asyncio.sleep(0.15)
        else:
            self._clock.arrived(message)
        for nothing in tuple[AudioChunk, ...]():
            yield nothing

    def give_up_at_ms(self, message: AudioChunk) -> int | None:
        return None

    def expendable(self, message: AudioChunk) -> bool:
        return True


async def slow_key(bus: Bus) -> dict[str, float]:
    """Measure how little a slow speaker holds up others."""
    others, slow = Clock(), Clock()
    async with Worker(bus, AudioChunk.TOPIC, "bench-slow", Sleeper(others)):
        await asyncio.sleep(0.5)
        slowly = asyncio.create_task(speak(slow, bus, "slow", 5, HOP_S))
        await asyncio.gather(*(speak(others, bus, f"user{number}", 10, HOP_S, number / 80) for number in range(8)))
        await slowly
        await asyncio.sleep(0.5)
    return spread(others.took_ms[WARM:])


async def utterance(bus: Bus, user: str, name: str, pause_s: float) -> float:
    """Publish one utterance; gives when its end was published."""
    started_at_ms = now_ms() - 1000
    for one in speech_of(1000, utterance=name, user=user):
        await bus.publish(at(one, started_at_ms))
    await asyncio.sleep(pause_s)
    began = time.perf_counter()
    await bus.publish(at(chunk(1000, ms=0, utterance=name, user=user, last=True), started_at_ms))
    return began


async def overhead(bus: Bus) -> dict[str, float]:
    """Measure all four hops, one utterance after the other."""
    took_ms = []
    async with bus.subscribe(Speech.TOPIC) as speech:
        records = aiter(speech)
        for number in range(WARM + UTTERANCES):
            name = f"one-{number}"
            began = await utterance(bus, f"user{number % SPEAKERS}", name, 0.05)
            first, done = 0.0, False
            async with asyncio.timeout(20):
                while not done:
                    record = await anext(records)
                    message = record.message
                    if isinstance(message, Speech) and message.utterance_id == name:
                        first = first or time.perf_counter()
                        done = message.clause_end
            took_ms.append((first - began) * 1000)
    return spread(took_ms[WARM:])


async def throughput(bus: Bus) -> float:
    """Measure how many utterances a second go through."""
    waiting = {f"many-{number}" for number in range(MANY_UTTERANCES)}
    names = iter(sorted(waiting))

    async def talk(user: str) -> None:
        for name in names:
            await utterance(bus, user, name, 0.0)

    async with bus.subscribe(Speech.TOPIC) as speech, asyncio.timeout(120):
        began = time.perf_counter()
        talking = asyncio.gather(*(talk(f"talker{number}") for number in range(20)))
        async for record in speech:
            if isinstance(record.message, Speech) and record.message.last:
                waiting.discard(record.message.utterance_id)
            if not waiting:
                break
        took_s = time.perf_counter() - began
        await talking
    return round(MANY_UTTERANCES / took_s, 1)


@asynccontextmanager
async def staffed_memory() -> AsyncIterator[Bus]:
    """Open a memory bus with a worker of each stage in this process."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        for stage in STAGES:
            await stack.enter_async_context(zero_time_worker(bus, stage))
        yield bus


@asynccontextmanager
async def plain_kafka(kafka: Broker, prefix: str) -> AsyncIterator[Bus]:
    """Open a bus on new topics."""
    async with KafkaBus(await _with_topics(kafka, prefix)) as bus:
        yield bus


@asynccontextmanager
async def staffed_kafka(kafka: Broker, prefix: str) -> AsyncIterator[Bus]:
    """Open a bus on new topics, with a worker of each stage as a process of its own."""
    settings = await _with_topics(kafka, prefix)
    async with AsyncExitStack() as stack:
        for stage in STAGES:
            await stack.enter_async_context(_worker_process(stage, settings))
        yield await stack.enter_async_context(KafkaBus(settings))


async def _with_topics(kafka: Broker, prefix: str) -> KafkaSettings:
    settings = KafkaSettings(bootstrap_servers=kafka.bootstrap, prefix=prefix)
    await KafkaTopics(settings, TOPICS).create()
    return settings


@asynccontextmanager
async def _worker_process(stage: str, settings: KafkaSettings) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.zero_time",
        stage,
        settings.bootstrap_servers,
        settings.prefix,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 60), f"no {stage} worker"
        yield
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)


async def measure(
    plain: Callable[[str], Any], staffed: Callable[[str], Any], name: str
) -> dict[str, float | dict[str, float]]:
    """Measure everything on one kind of bus."""
    figures: dict[str, float | dict[str, float]] = {}

    def note(figure: str, value: float | dict[str, float]) -> None:
        figures[figure] = value
        say(f"{name:8}{figure:18}{value}")

    # Each on topics of its own, so that one measurement's records are not another one's.
    for per_s in (50, 500):
        tries = []
        for number in range(TRIES):
            stolen = Stolen()
            async with plain(f"hop-{per_s}-{number}.") as bus:
                tries.append(await hop(bus, per_s) | {"stolen_percent": stolen.percent})
            say(f"{name:8}try {number + 1:<14}{tries[-1]}")
        note(f"hop_{per_s}", min(tries, key=lambda one: one["stolen_percent"]))
    async with plain("slow-key.") as bus:
        note("slow_key", await slow_key(bus))
    async with staffed("stages.") as bus:
        await asyncio.sleep(1)
        note("overhead", await overhead(bus))
        note("utterances_per_s", await throughput(bus))
    return figures


async def main() -> None:
    stolen = Stolen()
    figures: dict[str, Any] = {"memory": await measure(lambda _: MemoryBus(), lambda _: staffed_memory(), "memory")}
    os.environ.update(JVM)
    async with broker() as kafka:
        # A broker that has just started runs code that Java has not compiled yet.
        async with plain_kafka(kafka, "warm.") as bus:
            await hop(bus, 500, WARM_S)
        figures["kafka"] = await measure(partial(plain_kafka, kafka), partial(staffed_kafka, kafka), "kafka")
    figures["stolen_percent"] = stolen.percent
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    logs.configure(LogSettings(level="warning"))
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())
