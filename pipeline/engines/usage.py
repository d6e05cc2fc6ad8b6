"""What the engines' processes take of the machine, told by the process that asks them: nobody scrapes theirs."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Process(Protocol):
    """An engine's process, or the place of one."""

    @property
    def name(self) -> str:
        """The engine's name."""
        ...

    @property
    def process_id(self) -> int | None:
        """The operating system's number of it; None while there is none."""
        ...


class Taken(NamedTuple):
    """What a process has taken."""

    resident_bytes: int
    cpu_s: float


def taken(process_id: int, proc: Path = Path("/proc")) -> Taken | None:
    """Look at one process; None if there is none, or the system has no such files (Linux's proc(5))."""
    try:
        pages = int((proc / str(process_id) / "statm").read_text().split()[1])
        # Behind the name, which may hold anything, in parentheses: utime and stime are the 12th and 13th.
        ticks = (proc / str(process_id) / "stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, IndexError, ValueError):
        return None
    return Taken(pages * os.sysconf("SC_PAGE_SIZE"), sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"))


class Usage(Collector):
    """Sums up by engine whenever metrics are asked for. Programs that an engine starts are not in it."""

    def __init__(self) -> None:
        self._processes: WeakSet[Process] = WeakSet()

    def watch(self, process: Process) -> None:
        """Count this one from now on, until it is forgotten."""
        self._processes.add(process)

    def forget(self, process: Process) -> None:
        """Count it no more. Harmless if it was not."""
        self._processes.discard(process)

    def collect(self) -> Iterator[Metric]:
        resident = GaugeMetricFamily(
            "parley_engine_resident_bytes", "Memory of an engine's processes", labels=["engine"]
        )
        cpu = CounterMetricFamily(
            "parley_engine_cpu_seconds", "Processor time of an engine's processes", labels=["engine"]
        )
        for engine, amounts in self._by_engine(list(self._processes)).items():
            resident.add_metric([engine], sum(each.resident_bytes for each in amounts))
            cpu.add_metric([engine], sum(each.cpu_s for each in amounts))
        yield from (resident, cpu)

    @staticmethod
    def _by_engine(processes: Iterable[Process]) -> dict[str, list[Taken]]:
        found: dict[str, list[Taken]] = defaultdict(list)
        for process in processes:
            amount = None if process.process_id is None else taken(process.process_id)
            if amount is not None:
                found[process.name].append(amount)
        return found


USAGE = Usage()
"""That of this process."""

REGISTRY.register(USAGE)
