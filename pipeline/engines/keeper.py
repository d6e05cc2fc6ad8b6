"""Keeping an engine's process alive."""

import asyncio
from typing import Self

import structlog
from prometheus_client import Counter

from pipeline.engines.backoff import Backoff
from pipeline.engines.child import Child
from pipeline.engines.engine import EngineCrashedError, EngineError
from pipeline.engines.frames import Frame, Ready
from pipeline.engines.settings import EngineSettings
from pipeline.engines.usage import USAGE

_log = structlog.get_logger(__name__)

_RESTARTS = Counter("parley_engine_restarts_total", "Times an engine's process had to be started again.", ["engine"])


class Keeper:
    """One process for an engine, started again whenever it ends, until the keeper is closed."""

    def __init__(self, module: str, settings: EngineSettings) -> None:
        self.name = module.rpartition(".")[2]
        # Times it was started again.
        self.restarts = 0
        self._module = module
        self._settings = settings
        self._child: Child | None = None
        self._present = asyncio.Event()
        # Loop time at which the process was found to have ended; None before the first time.
        self._down_since: float | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the process.

        Raises:
            EngineUnavailableError, EngineCrashedError: it cannot start; see `Child.start`.
        """
        self._begin(await Child.start(self._module, self._settings))
        USAGE.watch(self)
        self._keeping = asyncio.create_task(self._keep(), name=f"keep {self.name}")
        return self

    async def __aexit__(self, *exc: object) -> None:
        USAGE.forget(self)
        keeping, self._keeping = self._keeping, None
        if keeping:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        child, self._child = self._child, None
        if child:
            await child.close()

    @property
    def healthy(self) -> bool:
        """Whether the process can be asked now."""
        return self._child is not None and not self._child.ended.is_set()

    @property
    def available(self) -> bool:
        """Whether requests are worth sending: it is healthy, or was until so lately that they may wait for it."""
        if self.healthy or self._down_since is None:
            return self.healthy
        return asyncio.get_running_loop().time() - self._down_since < self._settings.restart_wait_s

    @property
    def load(self) -> int:
        """How much its process has to do."""
        return self._child.load if self._child else 0

    @property
    def process_id(self) -> int | None:
        """The operating system's number of the process; None while there is none."""
        return self._child.process_id if self._child and self.healthy else None

    @property
    def ready(self) -> Ready:
        """What its process said of itself when it was ready; nothing while there is none."""
        return self._child.ready if self._child else Ready()

    def tell(self, frame: Frame) -> None:
        """Say something to the process whose answer nobody needs, if there is one."""
        if self._child is not None and self.healthy:
            self._child.tell(frame)

    async def child(self) -> Child:
        """Give the process, after a short wait if it is being started again.

        Raises:
            EngineCrashedError: it is still not there after `settings.restart_wait_s`.
        """
        if self._child is not None and not self.healthy:
            self._present.clear()  # `_keep` has not had its turn since the process ended
        try:
            async with asyncio.timeout(self._settings.restart_wait_s):
                await self._present.wait()
        except TimeoutError:
            raise EngineCrashedError(f"{self.name} is being started again") from None
        if self._child is None:
            raise EngineCrashedError(f"{self.name} is closed")
        return self._child

    def _begin(self, child: Child) -> None:
        self._child = child
        self._present.set()

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        settings = self._settings
        backoff = Backoff(
            first_s=settings.backoff_first_s, most_s=settings.backoff_most_s, settled_s=settings.settled_s
        )
        while child := self._child:
            began = clock()
            await child.ended.wait()
            self._present.clear()
            self._down_since = clock()
            wait_s = backoff.after(clock() - began)
            _log.error("engine_crashed", engine=self.name, process=child.process_id, again_in_s=wait_s)
            await child.close()
            await asyncio.sleep(wait_s)
            while not await self._again():
                wait_s = backoff.after(0)
                await asyncio.sleep(wait_s)

    async def _again(self) -> bool:
        self.restarts += 1
        _RESTARTS.labels(self.name).inc()
        try:
            self._begin(await Child.start(self._module, self._settings))
        except (EngineError, OSError) as error:
            _log.error("engine_did_not_start", engine=self.name, error=str(error))
            return False
        return True
