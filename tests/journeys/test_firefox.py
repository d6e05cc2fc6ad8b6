"""A real Firefox on the real page, in a room with a talker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from media_server.events import SlotChanged
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from media_server.settings import MediaSettings
from tests.fakes.door import served_door
from tests.fakes.said import translation
from tests.journeys.whole_system import whole_system
from tests.support.bare_node import NoEngines
from tests.support.caller import as_sent, call
from tests.support.firefox import Firefox, firefox, program
from tests.support.recordings import recordings
from tests.support.source_tree import ROOT
from tests.support.until import until
from tests.web.stage import ROOM, FirefoxStage, knock, tell
from tests.web.states import SCENES, hosts, offer_languages

pytestmark = [
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


@pytest.mark.soak
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


PICTURES = ROOT / "artefacts" / "page" / "firefox"
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}


@contextlib.asynccontextmanager
async def stage(*, dark: bool = False) -> AsyncIterator[FirefoxStage]:
    """Give a Firefox at a door with real connections and fake rooms behind it."""
    async with (
        RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint,
        served_door(new_peer=endpoint.new_peer) as door,
        firefox({"layout.css.prefers-color-scheme.content-override": 0 if dark else 1}) as fox,
    ):
        made = FirefoxStage(fox, door)
        offer_languages(made)
        yield made


async def keep(here: FirefoxStage, name: str, scheme: str) -> None:
    """Keep pictures of a state; nothing may stand out to the side."""
    for size, (width, height) in SIZES.items():
        await here.fox.resize(width, height)
        folder = PICTURES / f"{size}-{scheme}"
        folder.mkdir(parents=True, exist_ok=True)
        await here.fox.screenshot(folder / f"{name}.png")
        sideways = await here.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways <= 0, f"{name} scrolls sideways by {sideways} pixels on a {size}"


async def test_firefox_takes_part() -> None:
    """A host in Firefox: mutes, reads, changes languages, admits a guest, reconnects, leaves and comes back."""
    async with stage() as here:
        await here.fox.resize(*SIZES["desktop"])
        token = here.door.token(ROOM, "lucia", role="host")
        me = await here.join("Lucía", "es", "es", f"?token={token}")
        here.add("anna", "Anna", "en", "en")
        await here.shown("[data-participant=anna]")
        tell(me, SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"))
        await here.eventually("document.querySelector('audio[data-mid=\"5\"]').dataset.language === 'es'")
        await here.eventually("[...document.querySelectorAll('audio')].every((audio) => !audio.paused)")

        await here.click("#mute")
        await until(lambda: me.info.muted)
        await here.click("#mute")
        await until(lambda: not me.info.muted)

        here.door.door.feed.take(translation("Buenos días.", "Good morning."))
        await here.eventually("document.querySelector('.line .source')?.textContent === 'Good morning.'")

        await here.click("#languages")
        await here.shown("#change")
        await here.put("#change-hear", "fr")
        await here.click("#change [value=save]")
        await until(lambda: me.info.listening_language == "fr")
        await here.gone("#change")
        assert await here.run("document.activeElement.id") == "languages"

        hosts(here).set_lobby(ROOM, True)
        guest = knock(here.door, "zoe", "Zoë", "de", "de")
        await here.click("#toggle-hosting")
        await here.eventually("document.querySelector('#hosting').innerText.includes('Zoë')")
        await here.click("#hosting .answers .primary")
        await until(lambda: guest.is_in)

        (presence,) = here.door.door.presences.values()
        assert presence.session is not None
        presence.session._abort()
        await until(lambda: len(me.returns) == 1)
        await here.eventually("document.documentElement.dataset.link === 'open'")
        await keep(here, "call", "light")

        await here.fox.resize(*SIZES["desktop"])
        await here.click("#leave")
        await here.shown("#ended")
        await here.click("#rejoin")
        await here.shown("#call")
        await until(lambda: "lucia" in here.room.participants)
        await here.leave()


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_state_in_firefox(scheme: str) -> None:
    """Each is reached, nothing scrolls sideways, and a picture is kept."""
    async with stage(dark=scheme == "dark") as here:
        for scene in SCENES.values():
            await here.fox.resize(*SIZES["phone"])
            async for name in scene(here):
                await keep(here, name, scheme)
                await here.fox.resize(*SIZES["phone"])
            hosts(here).set_lobby(ROOM, False)
            hosts(here).lock(ROOM, False)
            await here.leave()
