"""Closing aiokafka's clients. `test_kafka.py` closes them in front of a broker that hangs."""

import asyncio
import contextlib
import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from pipeline.bus.kafka.closing import check_consumer, close_consumer, close_producer


async def hang() -> None:
    await asyncio.sleep(3600)


async def fine() -> None:
    pass


async def test_what_is_used_of_the_insides_is_there() -> None:
    """A new version of aiokafka that renames it fails here, not in an outage."""
    producer, consumer = AIOKafkaProducer(), AIOKafkaConsumer()
    assert callable(producer._sender.close)
    assert callable(producer.client.close)
    assert hasattr(consumer, "_coordinator")
    assert hasattr(consumer, "_fetcher")
    assert callable(consumer._client.close)
    await close_producer(producer, 1)
    await close_consumer(consumer, 1)
    assert (producer._closed, consumer._closed) == (True, True)


async def test_a_producer_that_waits_for_a_request_is_closed_in_time() -> None:
    """The request is broken off, and its connections are closed as well."""
    closed = []

    async def close_client() -> None:
        closed.append("client")

    producer: Any = SimpleNamespace(
        _sender=SimpleNamespace(close=hang), client=SimpleNamespace(close=close_client), _closed=False
    )
    began = time.monotonic()
    await close_producer(producer, 0.1)
    assert time.monotonic() - began < 1
    assert (closed, producer._closed) == (["client"], True)


@pytest.mark.parametrize("how", ["hangs", "is cancelled from within"])
async def test_a_consumer_whose_stop_goes_wrong_leaves_nothing_behind(how: str) -> None:
    """Its tasks are cancelled one by one, then its connections are closed."""

    async def stop() -> None:
        if how == "hangs":
            await hang()
        raise asyncio.CancelledError

    closed: list[str] = []

    async def close_client() -> None:
        closed.append("client")

    tasks = [asyncio.create_task(hang()) for _ in range(4)]
    consumer: Any = SimpleNamespace(
        stop=stop,
        _coordinator=SimpleNamespace(_coordination_task=tasks[0], _heartbeat_task=tasks[1], _commit_refresh_task=None),
        _fetcher=SimpleNamespace(_fetch_task=tasks[2], _pending_tasks={tasks[3]}),
        _client=SimpleNamespace(close=close_client),
    )
    await close_consumer(consumer, 0.1)
    assert all(task.cancelled() for task in tasks)
    assert closed == ["client"]


async def test_a_consumer_that_fetches_no_more_is_told() -> None:
    """By what ended it; while it fetches, and once it was closed, there is nothing to tell."""

    async def fail() -> None:
        raise KafkaError("broken")

    for body, is_told in ((hang, False), (fail, True)):
        task = asyncio.create_task(body())
        await asyncio.sleep(0)
        consumer: Any = SimpleNamespace(_fetcher=SimpleNamespace(error_future=task))
        with pytest.raises(KafkaError, match="broken") if is_told else contextlib.nullcontext():
            check_consumer(consumer)
        task.cancel()
        await asyncio.wait([task])
        if not is_told:
            check_consumer(consumer)
