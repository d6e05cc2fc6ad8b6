"""Workers are killed at random, one kind after the other, while people talk: nothing is lost, nothing said twice.

The judge is `tests/support/chronicle`; what it is given is what the broker holds at the end.
"""

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest

from pipeline.messages.audio_chunk import SAMPLE_RATE
from tests.journeys.hall import LANGUAGES, Hall, Part, hall, spelled
from tests.support.broker import broker
from tests.support.recordings import recordings
from tests.support.staff import STAGES, Staff

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.timeout(900)]

KILLS = 10
"""Of each kind of worker."""
PAUSE_S = 3.0
"""Between two utterances of a speaker."""


async def killing(staff: Staff, every_s: float) -> None:
    """Kill a worker every so often, each kind in turn, until each was killed often enough."""
    chance = random.Random(5)  # the same every time
    while min(staff.kills.values()) < KILLS:
        for stage in STAGES:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * every_s)
            staff.kill(stage, chance.randrange(2))


async def talk_while_workers_die(it: Hall, parts: Sequence[Part], every_s: float) -> None:
    dying = asyncio.create_task(killing(it.staff, every_s))
    try:
        await asyncio.gather(*(it.speak(part, PAUSE_S) for part in parts))
    finally:
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying


async def judge(it: Hall) -> None:
    """Every utterance has one final caption in each language; at most 1 % came too late; nothing failed."""
    outcomes = await it.settled()
    assert outcomes.violations == []
    assert min(it.staff.kills.values()) >= KILLS
    wanted = len(it.said) * (1 + len(LANGUAGES))
    assert outcomes.captions + outcomes.stale == wanted
    assert outcomes.captions >= 0.99 * wanted


async def test_eight_speakers_lose_nothing() -> None:
    """200 utterances with engines that take no time, while each kind of worker is killed ten times."""
    parts = [Part(f"user{user}", list(spelled(user, 25))) for user in range(8)]
    async with broker() as it, hall(it, scripted=True) as room:
        await talk_while_workers_die(room, parts, every_s=3.2)
        await judge(room)


async def test_three_speakers_lose_nothing_with_real_engines() -> None:
    """200 utterances of real speech, recognised, translated and spoken by the real engines, which die as well."""
    sounds = real_utterances()
    parts = [Part(f"user{user}", [(next(sounds), None) for _ in range(67)]) for user in range(3)]
    async with broker() as it, hall(it, scripted=False) as room:
        await talk_while_workers_die(room, parts, every_s=10.0)
        await judge(room)


def real_utterances() -> Iterator[bytes]:
    """Cut the recordings into pieces of two seconds, over and over."""
    size = 2 * SAMPLE_RATE
    for recording in itertools.cycle(recordings()):
        samples = recording.samples
        for at in range(0, len(samples) - size + 1, size):
            yield samples[at : at + size].tobytes()
