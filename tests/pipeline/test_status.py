"""A worker's report on itself."""

import asyncio

from prometheus_client import REGISTRY

from pipeline.bus.memory import MemoryBus
from pipeline.messages import WorkerStatus
from pipeline.stage import Condition
from pipeline.status import StatusPublisher
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import listening


@virtual_time
async def test_a_change_is_told_at_once_and_everything_every_two_seconds() -> None:
    """Looking at what has not changed tells nothing."""
    condition = Condition("a", languages=("en",))
    async with MemoryBus() as bus, listening(bus, WorkerStatus.TOPIC) as heard:
        publisher = StatusPublisher(bus, "worker", "synthesis", lambda: condition, now_ms=virtual_now_ms)
        task = asyncio.create_task(publisher.run())
        await asyncio.sleep(2.5)
        publisher.look()
        condition = Condition("b", healthy=False, rung=1, reason="why")
        publisher.look()
        await asyncio.sleep(3)
        task.cancel()
        await asyncio.wait([task])
    told = [(status.at_ms - EPOCH_MS, status.engine, status.healthy, status.rung) for status in heard.of(WorkerStatus)]
    assert told == [(0, "a", True, 0), (2000, "a", True, 0), (2500, "b", False, 1), (4500, "b", False, 1)]


@virtual_time
async def test_a_node_that_comes_later_learns_the_newest() -> None:
    """The topic is compacted by worker. What it could do is in it: nodes tell what has stopped from what never was."""
    able = Condition("a", languages=("es",))
    async with MemoryBus() as bus:
        publisher = StatusPublisher(bus, "worker", "synthesis", lambda: able, now_ms=virtual_now_ms)
        await publisher.stop("stopped")
        async with listening(bus, WorkerStatus.TOPIC) as heard:
            status = await heard.until(WorkerStatus)
    assert (status.key, status.healthy, status.reason, status.languages) == ("worker", False, "stopped", ("es",))


@virtual_time
async def test_it_is_told_what_another_engine_does_for_the_best() -> None:
    """The highest place of a chain is a metric as well."""
    reduced = Condition(
        "a, b", languages=("en", "es"), rung=1, reduced_languages=("en",), reduced_pairs=(("en", "es"),)
    )
    async with MemoryBus() as bus, listening(bus, WorkerStatus.TOPIC) as heard:
        publisher = StatusPublisher(bus, "worker", "recognition", lambda: reduced, now_ms=virtual_now_ms)
        await publisher.stop("stopped")
        status = await heard.until(WorkerStatus)
    assert (status.rung, status.reduced_languages, status.reduced_pairs) == (1, ("en",), (("en", "es"),))
    assert REGISTRY.get_sample_value("parley_engine_rung", {"stage": "recognition"}) == 1
