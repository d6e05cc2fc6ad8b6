"""A Kafka consumer from its start to its end, and what its errors mean."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition, errors

from pipeline.bus.bus import BusDownError
from pipeline.bus.kafka.closing import check_consumer, close_consumer
from pipeline.bus.kafka.records import KafkaRecord
from pipeline.settings import KafkaSettings

# Milliseconds that one look for records lasts, where there are none.
LOOK_MS = 500

_FORBIDDEN = (
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.AuthenticationFailedError,
    errors.SaslAuthenticationFailed,
)


def is_forbidden(error: Exception) -> bool:
    """Whether the cluster does not allow it: to try again is of no use."""
    return isinstance(error, _FORBIDDEN)


@asynccontextmanager
async def started(
    consumer: AIOKafkaConsumer, settings: KafkaSettings, prepare: Callable[[], None] | None = None
) -> AsyncIterator[AIOKafkaConsumer]:
    """Start a consumer, and stop it at the end. `prepare` is called once nothing that it does can be lost.

    Raises:
        BusDownError: it was not ready within `open_limit_s`.
    """
    try:
        try:
            async with asyncio.timeout(settings.open_limit_s):
                if prepare is not None:
                    prepare()
                await consumer.start()
        except (errors.KafkaError, OSError, TimeoutError) as error:
            raise BusDownError(f"no reading from the broker: {type(error).__name__}") from error
        yield consumer
    finally:
        await close_consumer(consumer, settings.close_limit_s)


async def look(consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, Sequence[KafkaRecord]]:
    """Give what has come, by topic and partition; nothing if nothing has for a while, or if the broker is away.

    Raises:
        KafkaError: the consumer is broken, or not allowed to read.
    """
    records: Mapping[TopicPartition, Sequence[KafkaRecord]] = await consumer.getmany(timeout_ms=LOOK_MS)
    if not records:
        check_consumer(consumer)
    return records
