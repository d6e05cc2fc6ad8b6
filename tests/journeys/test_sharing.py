"""Workers of one kind share the load; they come, go and are replaced while people talk, and nobody notices."""

import asyncio
import itertools

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.bus.topics import TOPICS
from pipeline.settings import StageCommand
from tests.journeys.hall import LANGUAGES, Hall, Part, hall, spelled
from tests.support.broker import broker
from tests.support.staff import STAGES

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.timeout(300)]

SPEAKERS = 8
PAUSE_S = 0.5


def evenly_spread() -> list[str]:
    """Find users whose keys fall evenly on two members, whichever of the usual ways the partitions go."""
    topic = TOPICS[0]
    found: list[str] = []
    counts = [[0, 0] for _ in range(6)]
    for number in itertools.count():
        user = f"user{number}"
        keys = [f"hall/{user}", *(f"hall/{user}/{language}" for language in LANGUAGES)]
        places = [topic.partition_of(key) for key in keys]
        sides = [side for place in places for side in (place % 2, place >= topic.partitions // 2)]
        if all(count[side] < SPEAKERS // 2 for count, side in zip(counts, sides, strict=True)):
            for count, side in zip(counts, sides, strict=True):
                count[side] += 1
            found.append(user)
        if len(found) == SPEAKERS:
            return found
    raise AssertionError


async def figure(room: Hall, stage: StageCommand, slot: int, name: str, **labels: str) -> float:
    """Read a worker's metric: the sum over the labels that are not named."""
    async with aiohttp.ClientSession() as http, http.get(f"{room.staff.probes[stage, slot]}/metrics") as response:
        families = text_string_to_metric_families(await response.text())
    samples = (sample for family in families for sample in family.samples if sample.name == f"{name}_total")
    return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())


async def figures(room: Hall, slots: int, name: str, **labels: str) -> dict[StageCommand, list[float]]:
    return {stage: [await figure(room, stage, slot, name, **labels) for slot in range(slots)] for stage in STAGES}


async def test_workers_share_come_go_and_are_replaced() -> None:
    """Two do 35 to 65 % each; a third takes some and gives it back; one that restarts causes no rebalance."""
    users = evenly_spread()
    parts = [Part(user, list(spelled(number, 20))) for number, user in enumerate(users)]
    async with broker() as it, hall(it, scripted=True) as room:
        talk = asyncio.gather(*(room.speak(part, PAUSE_S) for part in parts))
        await asyncio.sleep(15)
        for stage, done in (await figures(room, 2, "parley_pipeline_records", outcome="done")).items():
            assert 0.35 <= done[0] / sum(done) <= 0.65, (stage, done)

        rebalances = await figures(room, 2, "parley_bus_rebalances")
        for stage in STAGES:
            await room.staff.restart(stage, 0)
        after = await figures(room, 2, "parley_bus_rebalances")
        assert {stage: count[1] for stage, count in after.items()} == {stage: it[1] for stage, it in rebalances.items()}

        for stage in STAGES:
            room.staff.employ(stage, 2)
            await room.staff.ready(stage, 2)
        await asyncio.sleep(8)
        third = await figures(room, 3, "parley_pipeline_records", outcome="done")
        assert all(done[2] > 0 for done in third.values()), third
        for stage in STAGES:
            await room.staff.dismiss(stage, 2)
        await talk
        outcomes = await room.settled()
    assert outcomes.violations == []
    assert outcomes.captions == len(room.said) * (1 + len(LANGUAGES))
