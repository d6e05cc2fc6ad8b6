"""`parley worker`: one stage as a process of its own, on Kafka, until somebody stops it."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, Self

import structlog

from parley import collector
from parley.buses import is_remote, open_bus
from parley.errors import NoSharedBusError
from parley.instance import instance_id
from parley.probes import probed
from parley.settings import Settings
from parley.stages import STAGES, EngineSet, new_worker
from parley.stop import Stop, tell
from parley.supervisor import supervised
from parley.vitals import vitals
from pipeline.bus.bus import Bus
from pipeline.clock import now_ms
from pipeline.engines.engine import EngineUnavailableError
from pipeline.engines.engines import Engines
from pipeline.event_loop import loop_name
from pipeline.settings import StageCommand
from pipeline.worker import Worker
from signaling.health import Health

_log = structlog.get_logger(__name__)


class StageProcess:
    """A stage's worker with its engines, its bus and its probes. `async with StageProcess("stt", settings) as process`.

    The probes come first, so that whoever looks sees it start. Close cascade: the worker (what is in work is drained
    and committed, its partitions stay its own for some seconds), the engines' processes, the bus, the probes.
    """

    def __init__(self, stage: StageCommand, settings: Settings, *, engines: EngineSet | None = None) -> None:
        """With `engines`, these are used and left running; otherwise the stage's own are started and ended.

        Raises:
            NoSharedBusError: the settings' bus is the memory of one process.
        """
        if not is_remote(settings.pipeline):
            raise NoSharedBusError
        self.stage = stage
        self.settings = settings
        self.instance_id = instance_id(stage, settings.process)
        # Where the probes are, `http://host:port`.
        self.url = ""
        self._kind = STAGES[stage]
        self._given = engines
        self._engines: EngineSet | None = None
        self._bus: Bus | None = None
        self._worker: Worker[Any] | None = None
        self._stack = AsyncExitStack()
        facts = vitals(
            self.instance_id,
            bus=lambda: self._bus,
            record_age_s=self._record_age_s,
            engines=lambda: {self._kind.name: self.engine} if self._engines else {},
        )
        needs = {
            "engine": self._engine_works,
            "broker": self._broker_answers,
            "worker": lambda: self._worker is not None,
        }
        self.health = Health(needs, facts)

    @property
    def engine(self) -> str:
        """The name of the engine; none before it is loaded."""
        return self._kind.engine(self._engines) if self._engines else ""

    async def __aenter__(self) -> Self:
        """Start everything.

        Raises:
            OSError: the probes' port is taken, or their address is not of this machine.
            EngineUnavailableError: the engine does not work here, or none does.
            BusUnavailableError: the broker is not there, or does not let us in.
            TopicsError: it has not the topics that it should have.
        """
        settings = self.settings
        async with AsyncExitStack() as stack:
            probes = probed(self.health, settings.process.probe_host, settings.process.probe_port)
            self.url = await stack.enter_async_context(probes)
            bus = self._bus = await stack.enter_async_context(open_bus(settings.pipeline))
            engines = self._given
            if engines is None:
                starting = Engines.start(settings.engines, [self._kind.name])
                engines = await stack.enter_async_context(starting)
            if not self._kind.works(engines):
                raise EngineUnavailableError(f"no engine for {self._kind.name} works here", "set one of them up")
            self._engines = engines

            def make() -> Worker[Any]:
                made = new_worker(self.stage, bus, engines, settings.pipeline, worker_id=self.instance_id)
                self._worker = made
                return made

            await stack.enter_async_context(supervised(make, name=self._kind.name))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.health.drain()
        await self._stack.aclose()

    def _record_age_s(self) -> float | None:
        at_ms = self._worker.last_record_at_ms if self._worker else None
        return None if at_ms is None else max(0, now_ms() - at_ms) / 1_000

    def _engine_works(self) -> bool:
        return self._engines is not None and self._kind.works(self._engines)

    def _broker_answers(self) -> bool:
        return self._bus is not None and self._bus.up


async def work(stage: StageCommand, settings: Settings) -> None:
    """Start a stage's worker, say where its probes are, and run until SIGINT or SIGTERM.

    The signal drains: no more is taken, what is in work may end (`pipeline.worker.drain_s`), and is committed. Another
    signal meanwhile ends the process as it is; then its records come to another worker, or to this one again.

    Raises:
        NoSharedBusError, OSError, EngineUnavailableError, BusUnavailableError, TopicsError: see `StageProcess`.
    """
    stop = Stop()
    process = StageProcess(stage, settings)
    tell(f"Starting Parley's {stage} worker ...")
    try:
        async with process:
            stop.started()
            collector.settle()
            tell(
                f"The {stage} worker {process.instance_id} is ready: {process.engine} on {settings.pipeline.bus_url}, "
                f"probes at {process.url}. Ctrl-C stops it."
            )
            ids = {"instance_id": process.instance_id, "engine": process.engine}
            _log.info("working", stage=stage, **ids, probes=process.url, event_loop=loop_name())
            await stop.asked.wait()
            stop.let_go()
            tell("Stopping: what is in work is finished first ... (once more: at once)")
            _log.info("draining", stage=stage, **ids)
    except asyncio.CancelledError:
        if not stop.asked.is_set():
            raise
        tell("Stopped before it was up.")
