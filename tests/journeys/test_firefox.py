"""A real Firefox on the real page, in a room with a talker."""

import asyncio
from typing import Any

import numpy as np
import pytest

from media_server.settings import MediaSettings
from tests.journeys.whole_system import whole_system
from tests.support.bare_node import NoEngines
from tests.support.caller import as_sent, call
from tests.support.firefox import Firefox, firefox, program
from tests.support.recordings import recordings
from tests.support.until import until

pytestmark = [
    pytest.mark.soak,
    pytest.mark.journey,
    pytest.mark.timeout(120),
    pytest.mark.skipif(program() is None, reason="Firefox is not installed (Debian: firefox-esr)"),
]

# Fills in the form as people do, and goes in.
_JOIN = """
(async () => {
  const fields = { '#name': 'Fox', '#speak': 'en', '#hear': 'en' };
  for (const [selector, value] of Object.entries(fields)) {
    const field = document.querySelector(selector);
    field.value = value;
    for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  document.querySelector('#go').click();
})()
"""


async def join(fox: Firefox, url: str, room: str) -> None:
    await fox.open(f"{url}/r/{room}?raw=1")
    # Chosen once it is open; who goes in earlier only listens.
    await fox.until("document.querySelector('#join:not([hidden]) #microphone')?.value", limit_s=20)
    await fox.evaluate(_JOIN)
    await fox.until("document.querySelector('html[data-connection=connected]') !== null", limit_s=20)


async def stream(fox: Firefox, kind: str, **at_least: float) -> dict[str, Any]:
    """Wait for the statistics of a stream of some kind, of which some numbers have come so far."""
    async with asyncio.timeout(15):
        while True:
            for it in await fox.statistics():
                if it["type"] == kind and all(it.get(name, -1) >= value for name, value in at_least.items()):
                    return it
            await asyncio.sleep(0.2)


async def test_firefox_joins_hears_and_is_heard() -> None:
    """Offer and answer agree on NACK and on how Opus is sent; sound goes both ways without loss, and both know it."""
    async with (
        whole_system(NoEngines(), media=MediaSettings(captions=False)) as system,
        call(system.url, "den", name="Ann", speaks="en", hears="en") as ann,
        firefox() as fox,
    ):
        sounds = await asyncio.to_thread(as_sent, np.concatenate([recording.samples for recording in recordings()]))
        await join(fox, system.url, "den")
        ann.microphone.play(sounds)
        heard = await stream(fox, "inbound-rtp", packetsReceived=200)
        assert heard["packetsLost"] == 0
        assert (await stream(fox, "remote-outbound-rtp", packetsSent=1))["ssrc"] == heard["ssrc"]
        await until(lambda: len(ann.on("floor")) > 200, limit_s=15)
        sent = await stream(fox, "remote-inbound-rtp", roundTripTimeMeasurements=1)
        assert sent["packetsLost"] == 0
        assert 0 <= sent["roundTripTime"] < 0.5
        sections = (await fox.evaluate("window.__peers[0].remoteDescription.sdp")).split("m=audio ")[1:]
        assert len(sections) == 9
        for section in sections:
            assert "nack" in section
            for wish in ("useinbandfec=1", "usedtx=1", "stereo=0", "maxaveragebitrate=32000"):
                assert wish in section
