"""Publishing through an outage."""

import asyncio
from typing import Any

import pytest

from pipeline.bus.bus import BusClosedError, BusError
from pipeline.messages import Transcript
from pipeline.patience import PatientPublisher
from tests.fakes.brittle_bus import BrittleBus
from tests.fakes.letters import letter
from tests.fakes.virtual_time import virtual_time
from tests.pipeline.support import listening, transcript


@virtual_time
async def test_what_cannot_be_published_now_is_published_later(log_lines: list[Any]) -> None:
    """Within about a second of the bus's return, and without asking it all the time."""
    async with BrittleBus() as bus, listening(bus) as heard:
        bus.down = True
        publisher = PatientPublisher(bus, "translation")
        publishing = asyncio.create_task(publisher.publish(transcript("one")))
        await asyncio.sleep(30)
        assert 30 < bus.attempts < 200
        bus.down = False
        await asyncio.wait_for(publishing, 1.1)
        await heard.until(Transcript)
    assert [line["event"] for line in log_lines] == ["bus_down", "bus_back"]


@virtual_time
async def test_a_bus_that_closes_meanwhile_ends_the_waiting() -> None:
    """Nobody waits for what never comes."""
    async with BrittleBus() as bus:
        bus.down = True
        publishing = asyncio.create_task(PatientPublisher(bus, "translation").publish(transcript("one")))
        await asyncio.sleep(5)
        await bus.close()
        bus.down = False
        with pytest.raises(BusClosedError):
            await publishing


@virtual_time
async def test_what_is_refused_is_not_tried_again() -> None:
    """A message that the bus will never take is the caller's business."""
    async with BrittleBus() as bus:
        bus.most_bytes = 10
        with pytest.raises(BusError, match="too large"):
            await PatientPublisher(bus, "translation").publish(letter(originals=(bytes(20),)))
        assert bus.attempts == 1
