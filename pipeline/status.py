"""A worker's report on itself, for the nodes."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from prometheus_client import Gauge

from pipeline.bus.bus import Bus, BusDownError
from pipeline.clock import NowMs, now_ms
from pipeline.messages.worker_status import Stage, WorkerStatus
from pipeline.stage import Condition

RUNG = Gauge(
    "parley_engine_rung",
    "Place in its chain of the engine that serves, 0 for the best: the highest of all languages or pairs.",
    ["stage"],
)

RETRY_S = 0.5
"""Between two attempts while the bus is down: nodes trust nobody whom they have not heard of."""


class StatusPublisher:
    """Publishes WorkerStatus every so often, and at once when `look` finds a change."""

    def __init__(
        self,
        bus: Bus,
        worker_id: str,
        stage: Stage,
        condition: Callable[[], Condition],
        *,
        every_s: float = 2.0,
        now_ms: NowMs = now_ms,
    ) -> None:
        self._bus = bus
        self._worker_id = worker_id
        self._stage = stage
        self._condition = condition
        self._every_s = every_s
        self._now_ms = now_ms
        self._published: Condition | None = None
        self._changed = asyncio.Event()

    def look(self) -> None:
        """Compare the condition with what was last published."""
        if self._published is not None and self._condition() != self._published:
            self._changed.set()

    async def run(self) -> None:
        """Publish until cancelled; while the bus is down, try again and again.

        Raises:
            BusClosedError: the bus is closed.
        """
        while True:
            self._changed.clear()
            try:
                await self._publish(self._condition())
            except BusDownError:
                await asyncio.sleep(min(RETRY_S, self._every_s))
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._changed.wait()

    async def stop(self, reason: str) -> None:
        """Tell the nodes that this worker does nothing more; what it could do may be done by another one soon."""
        await self._publish(replace(self._condition(), healthy=False, reason=reason))

    async def _publish(self, condition: Condition) -> None:
        self._published = condition
        RUNG.labels(self._stage).set(condition.rung)
        await self._bus.publish(
            WorkerStatus(
                worker_id=self._worker_id,
                stage=self._stage,
                engine=condition.engine,
                healthy=condition.healthy,
                languages=condition.languages,
                pairs=condition.pairs,
                rung=condition.rung,
                reduced_languages=condition.reduced_languages,
                reduced_pairs=condition.reduced_pairs,
                imitates=condition.imitates,
                at_ms=self._now_ms(),
                reason=condition.reason,
            )
        )
