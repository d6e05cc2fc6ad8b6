"""`auto` as the spoken language where only English can be recognised: said so, taken as English, and translated."""

import asyncio

import pytest

from tests.journeys.overheard import overhearing, voices
from tests.journeys.whole_system import whole_system
from tests.support.alone import apertium
from tests.support.caller import call
from tests.support.recordings import Recording

pytestmark = [pytest.mark.journey, pytest.mark.soak]


async def test_auto_is_taken_as_the_one_language_that_can_be_recognised(recordings: tuple[Recording, ...]) -> None:
    """The speaker is told once that it is English; the listener hears and reads Spanish."""
    async with (
        whole_system() as system,
        overhearing(system) as overheard,
        call(system.url, "porch", name="Ann", speaks="auto", hears="en") as ann,
        call(system.url, "porch", name="Ben", speaks="es", hears="es") as ben,
    ):
        notice = await ann.wait_for("notice", lambda notice: notice["code"] == "auto_language")
        ann.microphone.say(recordings[1].samples)
        await asyncio.sleep(recordings[1].duration_s + 0.6)
        await overheard.settled()
        await asyncio.sleep(0.2)
        captions = [c for c in ben.events("caption") if c["is_final"] and c["text"]]
        said = voices(overheard, ann, ben, "es")

    assert "can be recognised here, en:" in notice["text"]
    assert [each["code"] for each in ann.events("notice")].count("auto_language") == 1
    assert ben.events("notice") == []
    assert len(said) == len(captions) >= 1
    assert {(c["language"], c["source_language"]) for c in captions} == {("es", "en")}
    assert [c["text"] for c in captions] == [await asyncio.to_thread(apertium, c["source_text"]) for c in captions]
    assert ben.on("floor") == []
