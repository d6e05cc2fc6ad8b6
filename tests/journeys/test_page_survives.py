"""What a real page lives through while somebody talks: a minute in a hidden tab. Run by `make soak`.

Another microphone in mid-call is in test_page_timing.py, a network that is gone for 20 s in test_reconnection.py.
"""

import asyncio
import itertools

import numpy as np
import pytest

from tests.fakes.said import transcript
from tests.journeys.whole_system import whole_system
from tests.support.bare_node import NoEngines
from tests.support.caller import as_sent, call
from tests.support.recordings import recordings
from tests.support.tab import tab

pytestmark = [pytest.mark.soak, pytest.mark.journey, pytest.mark.timeout(180)]

ROOM = "attic"
HIDDEN_S = 60
CAPTION_S = 0.25
SILENT_S = 3
"""Longer than Ann pauses anywhere."""

# What came, how much of it sounded, and how long it has been played.
LOOK = """(async () => {
  const all = Object.values(await window.__inbound());
  const sum = (name) => all.reduce((total, each) => total + (each[name] ?? 0), 0);
  const floors = [...document.querySelectorAll('audio[data-kind=floor]')];
  return {
    packets: sum('packetsReceived'),
    energy: sum('totalAudioEnergy'),
    played: Math.max(...floors.map((audio) => audio.currentTime)),
  };
})()"""


async def test_a_minute_in_a_hidden_tab() -> None:
    """Sound goes on, captions are taken, the link stays; back in front all is there, without a press."""
    said: list[str] = []
    reading = await asyncio.to_thread(as_sent, np.concatenate([recording.samples for recording in recordings()]))
    async with (
        whole_system(NoEngines()) as system,
        tab() as (page, _),
        call(system.url, ROOM, name="Ann", speaks="en", hears="en") as ann,
    ):
        await page.join(system.url, ROOM, name="Bea", speaks="en", hears="en")

        async def talk() -> None:
            for number in range(round((HIDDEN_S + 20) / CAPTION_S)):
                said.append(f"sentence {number}")
                fields = {"utterance": f"u{number}", "sequence_number": number, "room_id": ROOM}
                await system.bus.publish(transcript(said[-1], user_id=ann.participant_id, **fields))  # type: ignore[arg-type]
                await asyncio.sleep(CAPTION_S)

        ann.microphone.play(reading * 5)
        talking = asyncio.create_task(talk())
        try:
            await asyncio.sleep(2)
            looks = [await page.evaluate(LOOK)]
            async with page.hidden():
                for _ in range(HIDDEN_S):
                    await asyncio.sleep(1)
                    looks.append(await page.evaluate(LOOK))
            await asyncio.sleep(2)
            newest = said[-1]
            await page.until(f"document.querySelector('#captions').innerText.includes({newest!r})")
        finally:
            talking.cancel()
        packets, played = (looks[-1][name] - looks[0][name] for name in ("packets", "played"))
        sounds = [after["energy"] > before["energy"] for before, after in itertools.pairwise(looks)]
        silent = max((len(list(run)) for sounding, run in itertools.groupby(sounds) if not sounding), default=0)
        shown = await page.evaluate("[...document.querySelectorAll('#captions .line .text')].map((e) => e.textContent)")
        state = await page.evaluate(
            "({ ...document.documentElement.dataset, lost: !document.querySelector('#lost').hidden })"
        )
        joins = len(system.rooms.open(ROOM).participants)
        print(f"hidden: {packets} packets, {played:.1f} s played, at most {silent} s silent")  # noqa: T201
        assert packets > 0.95 * 50 * HIDDEN_S
        assert played > 0.95 * HIDDEN_S
        assert silent <= SILENT_S
        assert shown == said[: len(shown)]
        assert len(shown) > HIDDEN_S / CAPTION_S * 0.9
        assert (state["link"], state["connection"], state["lost"]) == ("open", "connected", False)
        assert ann.events("participant_left") == []
        assert len([each for each in ann.events("participant_updated") if each["participant"]["away"]]) == 0
        assert joins == 2
        assert page.complaints == []
