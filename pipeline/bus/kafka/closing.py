"""Closing aiokafka's clients within a time limit, whatever their broker does. The one place that knows their insides.

What aiokafka does by itself: a producer's `stop` waits until everything that it holds is delivered, for ever if the
broker is away; a consumer's `stop` waits for whatever request is on its way, and can end in CancelledError.
A contract test closes both against a broker that hangs, and one that is gone.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

# Seconds for what has been cancelled to end.
_CANCELLED_S = 1.0


async def close_producer(producer: AIOKafkaProducer, limit_s: float) -> None:
    """Close a producer without delivering what it has not sent yet. What is on its way may still arrive."""
    await _end(producer._sender.close(), limit_s)
    await _end(producer.client.close(), limit_s)
    producer._closed = True


async def close_consumer(consumer: AIOKafkaConsumer, limit_s: float) -> None:
    """Close a consumer; a member without a name leaves its group, if the broker answers."""
    if await _end(consumer.stop(), limit_s):
        return
    coordinator, fetcher = consumer._coordinator, consumer._fetcher
    tasks = [getattr(coordinator, f"_{name}_task", None) for name in ("coordination", "heartbeat", "commit_refresh")]
    if fetcher is not None:
        tasks += [fetcher._fetch_task, *fetcher._pending_tasks]
    await _cancel(task for task in tasks if task is not None)
    await _end(consumer._client.close(), limit_s)


def check_consumer(consumer: AIOKafkaConsumer) -> None:
    """See whether a consumer still fetches: `getmany` would not say so, but wait for ever.

    Raises:
        KafkaError: it does not, because of a fault of its own.
    """
    task = consumer._fetcher.error_future
    if task.done() and not task.cancelled():
        task.result()


async def _end(part: Coroutine[Any, Any, None], limit_s: float) -> bool:
    """Run a step of closing, and break it off after the limit. Returns whether it went well."""
    task = asyncio.create_task(part, name="closing a Kafka client")
    try:
        await asyncio.wait([task], timeout=limit_s)
    finally:
        await _cancel([task])
    return not task.cancelled() and task.exception() is None


async def _cancel(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=_CANCELLED_S)
