"""What a page holds on to over a long call: nothing more than it had after a while. Run by `make soak`.

Thousands of captions, each of them interim first, while somebody is heard. Looked at are, after a full collection: the
JavaScript heap, DOM nodes and listeners, media elements, and the resident memory of the page's process. Flat is what
grows by less than so much over the last third of the call, along the line that fits the looks best: the panel is full
then.
"""

import asyncio
import itertools
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from parley.system import System
from tests.fakes.said import transcript
from tests.journeys.whole_system import whole_system
from tests.support.bare_node import NoEngines
from tests.support.caller import as_sent, call
from tests.support.recordings import recordings
from tests.support.tab import Devtools, Tab, tab

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.timeout(900)]

ROOM = "archive"
# Clauses of an utterance; the panel keeps a number of utterances.
CLAUSES = 2
LOOKS = 30
# What may grow over the last third, and by how much.
HEAP_MB = 0.6
NODES = 60
LISTENERS = 10
# What a process holds wavers by some megabytes: 220 to 225 from the 1,000th caption to the 8,000th, as measured.
RESIDENT_MB = 8.0

ELEMENTS = "document.querySelectorAll('audio, video').length"
PLAYED = "Math.max(...[...document.querySelectorAll('audio')].map((audio) => audio.currentTime))"


@dataclass
class Look:
    """What the page held at a moment."""

    at: float
    heap_mb: float
    nodes: float
    listeners: float
    elements: int
    # Seconds that the element which sounds has played; begins anew with a new connection.
    played: float
    resident_mb: float


async def look(page: Tab, pid: int) -> Look:
    """Collect all garbage, and see what is left."""
    for _ in range(2):
        await page.ask("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in (await page.ask("Performance.getMetrics"))["metrics"]}
    status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident is not None
    return Look(
        time.monotonic(),
        metrics["JSHeapUsedSize"] / 2**20,
        metrics["Nodes"],
        metrics["JSEventListeners"],
        await page.evaluate(ELEMENTS),
        await page.evaluate(PLAYED),
        int(resident[1]) / 1024,
    )


async def renderer(page: Tab, browser: Devtools) -> int:
    """Give the process of the page: of all that render, the one that works when it does."""

    async def times() -> dict[int, float]:
        processes = (await browser.ask("SystemInfo.getProcessInfo"))["processInfo"]
        return {each["id"]: each["cpuTime"] for each in processes if each["type"] == "renderer"}

    before = await times()
    await page.evaluate("{ const end = performance.now() + 500; while (performance.now() < end); }")
    after = await times()
    return max(after, key=lambda pid: after[pid] - before.get(pid, 0.0))


async def caption(system: System, speaker: str, number: int) -> None:
    """Say a clause as recognition does: three words at first, then all of them."""
    said = (
        f"This is sentence number {number} of many, and about as long as sentences are when people talk to each other."
    )
    fields = {
        "room_id": ROOM,
        "user_id": speaker,
        "utterance": f"u{number // CLAUSES}",
        "clause": number % CLAUSES,
        "sequence_number": number,
    }
    await system.bus.publish(transcript(" ".join(said.split()[:3]), final=False, **fields))  # type: ignore[arg-type]
    await system.bus.publish(transcript(said, **fields))  # type: ignore[arg-type]


def growth(looks: list[Look], of: Callable[[Look], float]) -> float:
    """Say by how much something grows over these looks, along the line that fits them best."""
    times = np.array([each.at - looks[0].at for each in looks])
    slope = float(np.polyfit(times, np.array([of(each) for each in looks]), 1)[0])
    return slope * float(times[-1])


@pytest.mark.parametrize(("captions", "seconds"), [(4_000, 90), (2_000, 600)])
async def test_captions_leave_memory_flat(captions: int, seconds: int) -> None:
    """However many come, while somebody is heard all the time."""
    reading = await asyncio.to_thread(as_sent, np.concatenate([recording.samples for recording in recordings()]))
    looks: list[Look] = []
    async with (
        whole_system(NoEngines()) as system,
        tab(eavesdrops=False) as (page, browser),
        call(system.url, ROOM, name="Ann", speaks="en", hears="en") as ann,
    ):
        await page.join(system.url, ROOM, name="Bea", speaks="en", hears="en")
        await page.ask("Performance.enable")
        pid = await renderer(page, browser)
        ann.microphone.play(reading * (seconds // 20 + 2))
        began = time.monotonic()
        for number in range(captions):
            await asyncio.sleep(max(0.0, began + number * seconds / captions - time.monotonic()))
            await caption(system, ann.participant_id, number)
            if (number + 1) % (captions // LOOKS) == 0:
                looks.append(await look(page, pid))
        newest = f"sentence number {captions - 1} "
        await page.until(f"document.querySelector('#captions').innerText.includes({newest!r})")
        complaints = page.complaints
    third = looks[-len(looks) // 3 :]
    grown = {
        "heap": growth(third, lambda each: each.heap_mb),
        "nodes": growth(third, lambda each: each.nodes),
        "listeners": growth(third, lambda each: each.listeners),
        "resident": growth(third, lambda each: each.resident_mb),
    }
    for each in (looks[0], third[0], looks[-1]):
        print(each)  # noqa: T201 - shown by `pytest -s`
    print({name: round(value, 2) for name, value in grown.items()})  # noqa: T201
    assert grown["heap"] < HEAP_MB
    assert grown["nodes"] < NODES
    assert grown["listeners"] < LISTENERS
    assert grown["resident"] < RESIDENT_MB
    assert len({each.elements for each in looks[1:]}) == 1, "media elements come and go"
    assert sum(before.played != after.played for before, after in itertools.pairwise(looks)) > 0.9 * LOOKS
    assert complaints == []
