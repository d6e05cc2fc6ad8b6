"""A server under test: a process of its own on a core of its own, and what it costs."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServerProcess:
    """One that runs."""

    url: str
    pid: int

    @property
    def cpu_s(self) -> float:
        """Seconds that all its threads have run."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    @property
    def resident_mb(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.asynccontextmanager
async def running(module: str) -> AsyncIterator[ServerProcess]:
    """Run a module that prints its address as a JSON line first, on the first core; the rest is for the load."""
    cores = sorted(os.sched_getaffinity(0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *module.split(),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout
    try:
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, cores[:1])
            os.sched_setaffinity(0, cores[1:])
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield ServerProcess(json.loads(line)["url"], process.pid)
    finally:
        os.sched_setaffinity(0, cores)
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()


# Runs only when nothing else would, and ends with who started it.
_SPIN = """
import os
os.sched_setaffinity(0, {{{core}}})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == {parent}:
    for _ in range(1_000_000):
        pass
"""


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """Keep the cores of this process from going to sleep.

    In a virtual machine a core that wakes another one from sleep is charged for it, up to 20 us a time: at low rates
    that is most of what sending a datagram over loopback seems to cost, whoever sends.
    """
    spinning = [
        subprocess.Popen([sys.executable, "-c", _SPIN.format(core=core, parent=os.getpid())])
        for core in os.sched_getaffinity(0)
    ]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


class Stolen:
    """How much of this machine's processor time went to others since this was made (a virtual machine's `steal`)."""

    def __init__(self) -> None:
        self._before = self._read()

    @property
    def percent(self) -> float:
        now = self._read()
        return round(100 * (now[0] - self._before[0]) / max(1, now[1] - self._before[1]), 1)

    @staticmethod
    def _read() -> tuple[int, int]:
        times = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        return times[7], sum(times)
