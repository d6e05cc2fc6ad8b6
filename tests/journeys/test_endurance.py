"""What only number shows: a worker's memory after thousands of utterances. Run by `make soak`."""

import asyncio
import json
import statistics
import sys
from asyncio.subprocess import PIPE

import pytest

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3000)]

COUNT = 5_000
# Until caches and what is kept of the past are full (measured: flat from 2,500 on).
WARM = 2_500
EVERY = 250
# What may be added between the first and the last quarter of what follows: of what there is, or so many MB.
SHARE, PAGES_MB = 0.01, 2.0


async def resident(engines: str) -> dict[str, list[float]]:
    """Let workers work, and give the memory of each process, in MB, from when they are warm."""
    arguments = ("-m", "tests.benchmarks.enduring", engines, str(WARM + COUNT), str(EVERY))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    assert process.stdout
    found: dict[str, list[float]] = {}
    async for line in process.stdout:
        told = json.loads(line)
        if told["said"] > WARM:
            for name, megabytes in told["resident_mb"].items():
                found.setdefault(name, []).append(megabytes)
    assert await process.wait() == 0
    return found


@pytest.mark.parametrize(
    ("engines", "processes"),
    [("scripted", {"workers"}), ("offline", {"workers", "pocketsphinx", "apertium", "espeak"})],
)
async def test_memory_is_flat_over_thousands_of_utterances(engines: str, processes: set[str]) -> None:
    """Of the workers, and of each engine's processes."""
    found = await resident(engines)
    assert found.keys() == processes
    for name, megabytes in found.items():
        quarter = len(megabytes) // 4
        first, last = statistics.median(megabytes[:quarter]), statistics.median(megabytes[-quarter:])
        assert len(megabytes) == COUNT // EVERY
        assert last - first <= max(PAGES_MB, first * SHARE), f"{name}: {megabytes}"
