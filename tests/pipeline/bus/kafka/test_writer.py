"""Writing to a cluster that may stop answering. `test_kafka.py` does it to a real one."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, OutOfOrderSequenceNumber

from pipeline.bus.bus import BusDownError, BusError
from pipeline.bus.kafka import writer as kafka_writer
from pipeline.bus.kafka.writer import LOSSES, KafkaWriter
from pipeline.settings import KafkaSettings
from tests.support.until import until

QUICK = KafkaSettings(publish_limit_s=0.1, close_limit_s=0.1, open_limit_s=0.5)


class Cluster:
    """What a fake cluster does to those who write to it."""

    def __init__(self) -> None:
        # What the next producers do: "ok", "refuse" (there is no broker) or "hang".
        self.mood = "ok"
        self.error: Exception | None = None
        self.producers: list[FakeProducer] = []
        self.written: list[bytes] = []

    def producer(self) -> "FakeProducer":
        self.producers.append(FakeProducer(self))
        return self.producers[-1]


class FakeProducer:
    """As much of aiokafka's as the writer uses, insides included. It is its own client and sender."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.client = self._sender = self
        self.closed = 0

    async def start(self) -> None:
        await self._answer()

    async def set_topics(self, topics: list[str]) -> bool:
        return True

    async def force_metadata_update(self) -> bool:
        await self._answer()
        return True

    async def send(self, topic: str, value: bytes, *_: Any, **__: Any) -> "asyncio.Future[None]":
        if len(value) > 100:
            raise MessageSizeTooLargeError
        return asyncio.ensure_future(self._write(value))

    async def _write(self, value: bytes) -> None:
        await self._answer()
        self._cluster.written.append(value)

    async def _answer(self) -> None:
        if self._cluster.mood == "hang":
            await asyncio.sleep(3600)
        if self._cluster.mood == "refuse":
            raise self._cluster.error or KafkaConnectionError

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_writer, "PULSE_S", 0.02)
    monkeypatch.setattr(kafka_writer, "PROBE_S", 0.02)


@asynccontextmanager
async def opened(cluster: Cluster) -> AsyncIterator[KafkaWriter]:
    writer = KafkaWriter(cluster.producer, ["audio.raw"], QUICK)
    await writer.open()
    try:
        yield writer
    finally:
        await writer.close()


async def write(writer: KafkaWriter, value: bytes = b"one") -> None:
    await writer.write("audio.raw", 0, b"key", value, [])


async def test_what_was_written_is_there() -> None:
    """And the writer is up until it closes; closing closes its producer."""
    cluster = Cluster()
    async with opened(cluster) as writer:
        await write(writer)
        assert (cluster.written, writer.up) == ([b"one"], True)
    assert not writer.up
    [producer] = cluster.producers
    assert producer.closed


async def test_a_cluster_that_hangs_is_given_up_in_time() -> None:
    """The first to notice waits no longer than the limit, the next ones not at all; what the producer held is gone."""
    cluster = Cluster()
    async with opened(cluster) as writer:
        await write(writer)
        cluster.mood = "hang"
        before, began = LOSSES.labels("not written in time")._value.get(), time.monotonic()
        with pytest.raises(BusDownError):
            await write(writer, b"late")
        assert time.monotonic() - began < 1
        began = time.monotonic()
        with pytest.raises(BusDownError, match="does not answer"):
            await write(writer, b"later")
        assert time.monotonic() - began < 0.05
        assert LOSSES.labels("not written in time")._value.get() == before + 1
        await until(lambda: cluster.producers[0].closed > 0)
    assert cluster.written == [b"one"]


async def test_silence_is_noticed_without_a_record() -> None:
    """The cluster is asked again and again."""
    cluster = Cluster()
    async with opened(cluster) as writer:
        cluster.mood = "hang"
        await until(lambda: not writer.up)


async def test_it_writes_again_when_the_cluster_is_back() -> None:
    """With a new producer, and without being told."""
    cluster = Cluster()
    async with opened(cluster) as writer:
        cluster.mood = "refuse"
        await until(lambda: not writer.up)
        await until(lambda: len(cluster.producers) >= 3)
        cluster.mood = "ok"
        await until(lambda: writer.up)
        await write(writer)
    assert cluster.written == [b"one"]


async def test_after_a_batch_was_refused_the_producer_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """An idempotent producer never recovers from a gap in its numbers; the next record has a new one."""
    monkeypatch.setattr(kafka_writer, "PULSE_S", 60)
    cluster = Cluster()
    async with opened(cluster) as writer:
        await asyncio.sleep(0.01)
        cluster.mood, cluster.error = "refuse", OutOfOrderSequenceNumber()
        with pytest.raises(BusDownError, match="OutOfOrderSequenceNumber"):
            await write(writer)
        cluster.mood = "ok"
        await until(lambda: writer.up)
        await write(writer)
    assert len(cluster.producers) > 1
    assert cluster.written == [b"one"]


async def test_a_record_that_is_too_large_is_refused_for_good() -> None:
    """It disturbs nothing else, and to try again is of no use."""
    cluster = Cluster()
    async with opened(cluster) as writer:
        with pytest.raises(BusError, match="1000 bytes are too many") as refused:
            await write(writer, bytes(1000))
        assert not isinstance(refused.value, BusDownError)
        assert writer.up
    assert len(cluster.producers) == 1


async def test_a_cluster_that_does_not_let_it_in_is_told() -> None:
    """By the error itself, within the limit; nothing stays open."""
    for mood, error in (("refuse", KafkaConnectionError), ("hang", TimeoutError)):
        cluster = Cluster()
        cluster.mood = mood
        writer = KafkaWriter(cluster.producer, ["audio.raw"], QUICK)
        with pytest.raises(error):
            await writer.open()
        assert cluster.producers[0].closed
        await writer.close()
