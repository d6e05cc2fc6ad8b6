"""What only time shows: a call of minutes, and people who come and go all the while. Run by `make soak`."""

import asyncio
import time

import pytest

from tests.benchmarks.server_process import Measured, server
from tests.support.caller import call
from tests.support.recordings import recordings

pytestmark = [
    pytest.mark.soak,
    pytest.mark.journey,
    pytest.mark.timeout(1500),
    pytest.mark.blocks_loop("the callers are stock aiortc, whose handshakes are on this loop; the server is elsewhere"),
]

TALK_S = 300
# Until caches are filled and every engine has been used.
WARM_S = 60
PAUSE_S = 4.0
# So many fill what is kept for reuse (measured: flat from 200 on); then so many more.
FIRST_COMERS = 250
COMERS = 750


async def come_and_go(measured: Measured, times: int) -> None:
    """Join, connect and leave again, one after the other."""
    for _ in range(times):
        async with call(measured.url, "doors", name="Guest", speaks="es", hears="es"):
            pass


async def test_minutes_of_talk_lose_nothing_and_grow_nothing() -> None:
    """Every utterance is heard in Spanish, the voice does not fall behind, and the server's memory stays flat."""
    said = 0
    async with (
        server() as measured,
        call(measured.url, "long", name="Ann", speaks="en", hears="en") as ann,
        call(measured.url, "long", name="Ben", speaks="es", hears="es"),
    ):
        began, resident = time.monotonic(), []
        while time.monotonic() - began < TALK_S:
            for recording in recordings():
                ann.microphone.say(recording.samples)
                said += 1
                await asyncio.sleep(recording.duration_s + PAUSE_S)
            if time.monotonic() - began > WARM_S:
                resident.append(measured.resident_mb)
        await asyncio.sleep(12)
    lost = [voice["lost"] for utterance in measured.utterances for voice in utterance["voices"] if voice["lost"]]
    waits = [
        clause["first_packet_at_ms"] - clause["ended_at_ms"]
        for utterance in measured.utterances
        for voice in utterance["voices"]
        for clause in voice["clauses"]
    ]
    assert len(measured.utterances) >= said
    assert lost == []
    assert len(waits) >= said
    assert sorted(waits)[len(waits) * 95 // 100] < 1_000
    assert max(waits[len(waits) // 2 :]) < 2_000
    assert resident[-1] < resident[0] * 1.02 + 1, f"grew from {resident[0]:.1f} to {resident[-1]:.1f} MB"


async def test_people_who_come_and_go_leave_nothing_behind() -> None:
    """After 750 more calls threads and files are what they were, and memory has grown by less than 2 %."""
    async with server() as measured:
        await come_and_go(measured, FIRST_COMERS)
        await asyncio.sleep(2)
        before = (measured.threads, measured.open_files)
        resident = measured.resident_mb
        await come_and_go(measured, COMERS)
        await asyncio.sleep(2)
        assert (measured.threads, measured.open_files) == before
        assert measured.resident_mb < resident * 1.02, f"grew from {resident:.1f} to {measured.resident_mb:.1f} MB"
