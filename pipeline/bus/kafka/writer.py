"""Writes to a Kafka cluster, and knows whether it answers."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from prometheus_client import Counter, Gauge

from pipeline.bus.bus import BusDownError, BusError
from pipeline.bus.kafka.closing import close_producer
from pipeline.settings import KafkaSettings

# Seconds between two questions whether the cluster answers: while it does, and while it does not.
PULSE_S = 1.0
PROBE_S = 0.25

UP = Gauge("parley_bus_up", "Whether the broker answers this process")
LOSSES = Counter("parley_bus_losses", "Times that the broker was lost, by how it was noticed", ["why"])

log = structlog.get_logger(__name__)


class KafkaWriter:
    """Keeps one producer, and replaces it as soon as anything is wrong with it.

    An idempotent producer tries for ever: what it could not deliver would arrive minutes later, when nobody wants to
    hear it any more, and one batch that the broker refused makes it refuse all that follow. So the producer is dropped
    with all it holds when a record is not written within `publish_limit_s`, when a batch is refused, or when the
    cluster does not answer. Nothing older than that limit lies here; only what was on its way to a broker that hangs
    may still arrive, once. While there is no producer, `write` fails at once.
    """

    def __init__(
        self, new_producer: Callable[[], AIOKafkaProducer], topics: Sequence[str], settings: KafkaSettings
    ) -> None:
        """Take what makes a producer, and the names of all topics that will be written to."""
        self._new_producer = new_producer
        self._topics = topics
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._lost = asyncio.Event()
        # Since when there is no producer, by the monotonic clock; None while there is one.
        self._away_since: float | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def up(self) -> bool:
        """Whether the cluster answered when it was last asked, at most three seconds ago."""
        return self._producer is not None

    async def open(self) -> None:
        """Connect, and stay connected until `close`.

        Raises:
            KafkaError: the cluster does not let us write.
            TimeoutError: it does not answer.
        """
        await self._connect()
        self._keeper = asyncio.create_task(self._keep(), name="kafka writer")

    async def close(self) -> None:
        """Stop at once; what is not written is not. Takes up to twice `close_limit_s`."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._producer is not None:
            self._retire(self._producer)
            self._producer = None
        if self._retiring:
            await asyncio.wait(self._retiring)
        UP.set(0)

    async def write(
        self, topic: str, partition: int, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Write a record. Returns when the brokers have it.

        Raises:
            BusDownError: they do not say so within `publish_limit_s`, or are known not to answer.
            BusError: they never will: it is too large, or there is no such partition any more.
        """
        producer = self._producer
        if producer is None:
            raise BusDownError("the broker does not answer")
        try:
            async with asyncio.timeout(self._settings.publish_limit_s):
                await (await self._send(producer, topic, partition, key, value, headers))
        except TimeoutError:
            self._lose(producer, "not written in time")
            raise BusDownError(f"not written within {self._settings.publish_limit_s:g} s") from None
        except KafkaError as error:
            self._lose(producer, type(error).__name__)
            raise BusDownError(f"not written: {type(error).__name__}") from error

    async def _send(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        partition: int,
        key: bytes,
        value: bytes,
        headers: Sequence[tuple[str, bytes]],
    ) -> "asyncio.Future[object]":
        try:
            written: asyncio.Future[object] = await producer.send(topic, value, key, partition, headers=headers)
        except MessageSizeTooLargeError as error:
            raise BusError(f"{len(value)} bytes are too many for {topic}") from error
        except AssertionError as error:  # that is how aiokafka says it
            raise BusError(f"{topic} has no partition {partition}") from error
        return written

    async def _keep(self) -> None:
        while True:
            try:
                await self._look_after()
            except Exception:  # the top of a task nobody awaits
                log.exception("writer_failed")
                await asyncio.sleep(PULSE_S)

    async def _look_after(self) -> None:
        """See once whether all is well with the producer, and get a new one if there is none."""
        producer = self._producer
        self._lost.clear()
        if producer is None:
            self._away_since = self._away_since or time.monotonic()
            try:
                await self._connect()
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(PROBE_S)
        elif not await self._answers(producer):
            self._lose(producer, "no answer")
        else:
            if self._away_since is not None:
                log.info("broker_back", away_s=round(time.monotonic() - self._away_since, 1))
                self._away_since = None
            await self._rest()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PULSE_S):
                await self._lost.wait()

    async def _answers(self, producer: AIOKafkaProducer) -> bool:
        try:
            async with asyncio.timeout(self._settings.publish_limit_s * 2):
                return bool(await producer.client.force_metadata_update())
        except (KafkaError, TimeoutError):
            return False

    async def _connect(self) -> None:
        producer = self._new_producer()
        try:
            async with asyncio.timeout(self._settings.open_limit_s):
                await producer.start()
                # So that the first record of a topic need not wait until its partitions are known.
                await producer.client.set_topics(self._topics)
        except BaseException:
            await close_producer(producer, self._settings.close_limit_s)
            raise
        self._producer = producer
        UP.set(1)

    def _lose(self, producer: AIOKafkaProducer, why: str) -> None:
        if self._producer is not producer:
            return
        self._producer = None
        self._lost.set()
        UP.set(0)
        LOSSES.labels(why).inc()
        log.warning("broker_lost", why=why)
        self._retire(producer)

    def _retire(self, producer: AIOKafkaProducer) -> None:
        task = asyncio.create_task(
            close_producer(producer, self._settings.close_limit_s), name="kafka producer retires"
        )
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
