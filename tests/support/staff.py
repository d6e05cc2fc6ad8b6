"""Workers of each stage as processes on Kafka, which are started again when they end, as a supervisor does."""

import asyncio
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import get_args

from pipeline.bus.bus import Bus
from pipeline.settings import KAFKA_SCHEME, StageCommand
from tests.support.source_tree import ROOT
from tests.support.until import until

STAGES: tuple[StageCommand, ...] = get_args(StageCommand)
END_S = 15.0


class Staff:
    """Two workers of each stage, and more if asked for. `scripted`: with engines that take no time.

    Leaving ends them all.
    """

    def __init__(self, bootstrap: str, *, scripted: bool) -> None:
        self._bootstrap = bootstrap
        self._scripted = scripted
        self._processes: dict[tuple[StageCommand, int], Process] = {}
        self._keepers: dict[tuple[StageCommand, int], asyncio.Task[None]] = {}
        # Where each one's probes are.
        self.probes: dict[tuple[StageCommand, int], str] = {}
        self.kills = dict.fromkeys(STAGES, 0)

    async def __aenter__(self) -> "Staff":
        for stage in STAGES:
            for slot in range(2):
                self.employ(stage, slot)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.gather(*(self.dismiss(*who) for who in list(self._keepers)))

    def employ(self, stage: StageCommand, slot: int) -> None:
        """Start one and keep it running."""
        self._keepers[stage, slot] = asyncio.create_task(self._keep(stage, slot))

    async def dismiss(self, stage: StageCommand, slot: int) -> None:
        """End one for good, gently."""
        keeper = self._keepers.pop((stage, slot))
        keeper.cancel()
        await asyncio.wait([keeper])

    async def restart(self, stage: StageCommand, slot: int) -> None:
        """End one gently, and wait until its successor is ready."""
        del self.probes[stage, slot]
        self._processes[stage, slot].terminate()
        await self.ready(stage, slot)

    async def ready(self, stage: StageCommand, slot: int) -> None:
        """Wait until one says that it is ready."""
        await until(lambda: (stage, slot) in self.probes, limit_s=60)

    def kill(self, stage: StageCommand, slot: int) -> None:
        """End one without a warning (SIGKILL), if it runs just now."""
        process = self._processes.get((stage, slot))
        if process is not None and process.returncode is None:
            process.kill()
            self.kills[stage] += 1

    async def _keep(self, stage: StageCommand, slot: int) -> None:
        while True:
            command = self._command(stage, slot)
            process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
            )
            self._processes[stage, slot] = process
            try:
                assert process.stderr is not None
                async for line in process.stderr:
                    if ready := re.search(r"is ready.* probes at (http://[^ ]*\d)", line.decode(errors="replace")):
                        self.probes[stage, slot] = ready[1]
                await process.wait()
            finally:
                if process.returncode is None:
                    process.terminate()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(process.communicate(), END_S)
                if process.returncode is None:
                    process.kill()
                    await process.wait()

    def _command(self, stage: StageCommand, slot: int) -> list[str]:
        if self._scripted:
            return [sys.executable, "-m", "tests.support.scripted_worker", stage, self._bootstrap, str(slot)]
        settings = ("--set", f"process.slot={slot}", "--set", "process.host_name=test")
        return [sys.executable, "-m", "parley", "worker", stage, "--bus", f"{KAFKA_SCHEME}{self._bootstrap}", *settings]


async def all_are_there(bus: Bus, limit_s: float = 60) -> None:
    """Wait until two workers of each stage have said what they can do."""
    workers: set[str] = set()
    async with asyncio.timeout(limit_s), bus.subscribe("pipeline.status") as statuses:
        async for record in statuses:
            workers.add(record.key)
            if len(workers) == 2 * len(STAGES):
                return
