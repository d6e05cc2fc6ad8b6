"""What the engines' processes take."""

import os
from pathlib import Path

import pytest

from pipeline.engines.usage import Usage, taken


class Engine:
    def __init__(self, name: str, process_id: int | None) -> None:
        self.name = name
        self.process_id = process_id


def samples(usage: Usage) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels["engine"]): sample.value for metric in usage.collect() for sample in metric.samples
    }


def test_a_process_that_runs_is_looked_at() -> None:
    """This one: some megabytes, and some time."""
    amount = taken(os.getpid())
    assert amount is not None
    assert 1e6 < amount.resident_bytes < 1e10
    assert 0 < amount.cpu_s < 1e6


def test_a_name_with_a_parenthesis_is_no_trouble(tmp_path: Path) -> None:
    """Programs may call themselves what they like."""
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "statm").write_text("9 5 1 1 0 1 0\n")
    ticks = os.sysconf("SC_CLK_TCK")
    (folder / "stat").write_text(f"7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 {2 * ticks} {ticks} 0 0 20\n")
    assert taken(7, tmp_path) == (5 * os.sysconf("SC_PAGE_SIZE"), 3.0)


def test_processes_of_one_engine_are_added_up() -> None:
    """One that has gone, or is being started again, is left out; so is one that was forgotten."""
    usage, mine = Usage(), os.getpid()
    engines = [Engine("sphinx", mine), Engine("sphinx", mine), Engine("espeak", mine), Engine("gone", 2**22 + 1)]
    for engine in [*engines, starting := Engine("starting", None), forgotten := Engine("forgotten", mine)]:
        usage.watch(engine)
    usage.forget(forgotten)
    found = samples(usage)
    assert {engine for _, engine in found} == {"sphinx", "espeak"}
    assert starting.process_id is None
    twice, once = found["parley_engine_resident_bytes", "sphinx"], found["parley_engine_resident_bytes", "espeak"]
    assert twice == pytest.approx(2 * once, rel=0.05)
    assert ("parley_engine_cpu_seconds_total", "sphinx") in found
