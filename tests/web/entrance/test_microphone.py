"""The microphone: open only while it is in use, silent while muted, and missed when it is gone."""

import pytest

from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Keeps every track that the page opened. A test can hold back the browser's consent, and unplug the newest device.
KEEPING = """
window.opened = [];
window.consent = Promise.resolve();
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  await window.consent;
  if (window.isMissing) throw new DOMException('none', 'NotFoundError');
  const stream = await ask(wanted);
  window.opened.push(stream.getAudioTracks()[0]);
  return stream;
};
window.live = () => window.opened.filter((track) => track.readyState === 'live').length;
window.unplug = () => {
  const track = window.opened.at(-1);
  track.stop();
  track.dispatchEvent(new Event('ended'));
};
"""
ASKING = KEEPING + "window.consent = new Promise((resolve) => { window.allow = resolve; });"


async def join(visiting: Visit) -> None:
    """Fill in the form without waiting for a microphone, and go in."""
    await visiting.open_room()
    await visiting.page.fill("#name", "Bea")
    await visiting.enter()


async def come_back(visiting: Visit) -> None:
    await visiting.page.click("#leave")
    await visiting.page.wait_for_selector("#ended:not([hidden])")
    await visiting.eventually("window.live() === 0")
    await visiting.page.click("#rejoin")
    await visiting.page.wait_for_selector("#call:not([hidden])")
    await visiting.eventually("document.documentElement.dataset.connection === 'connected'")


async def test_who_was_muted_comes_back_muted(visit: Visiting) -> None:
    """The new microphone gives no sound, everybody is told, and one press of the button turns it on."""
    async with visit(KEEPING) as visiting:
        me = await visiting.join()
        await visiting.page.click("#mute")
        await until(lambda: me.info.muted)
        await come_back(visiting)
        again = visiting.room.participants[me.info.participant_id]
        await until(lambda: again.info.muted)
        assert await visiting.text("#mute span") == "Unmute"
        assert await visiting.page.evaluate("window.opened.at(-1).enabled") is False
        await visiting.page.click("#mute")
        await until(lambda: not again.info.muted)
        assert await visiting.page.evaluate("window.opened.at(-1).enabled") is True


async def test_one_that_comes_too_late_is_given_back(visit: Visiting) -> None:
    """Who joined while the browser was still asking listens, and who left is not there: nothing unused stays open."""
    async with visit(ASKING) as visiting:
        await join(visiting)
        assert await visiting.text("#mute span") == "Turn on mic"
        await visiting.page.evaluate("window.allow()")
        await visiting.eventually("window.opened.length === 1")
        await visiting.eventually("window.live() === 0")
        await visiting.page.evaluate("void (window.consent = new Promise((done) => { window.allow = done; }))")
        await visiting.page.click("#mute")
        await visiting.page.click("#leave")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        await visiting.page.evaluate("window.allow()")
        await visiting.eventually("window.opened.length === 2")
        await visiting.eventually("window.live() === 0")


async def test_choosing_again_while_one_opens_keeps_one(visit: Visiting) -> None:
    """The others are given back, in whatever order they come."""
    async with visit(ASKING) as visiting:
        await visiting.open_room()
        for _ in range(2):
            await visiting.page.dispatch_event("#microphone", "change")
        await visiting.page.evaluate("window.allow()")
        await visiting.eventually("window.opened.length === 3")
        await visiting.eventually("window.live() === 1")


async def test_a_microphone_lost_in_the_form(visit: Visiting) -> None:
    """Another one is taken; where there is none, the form says so."""
    async with visit(KEEPING) as visiting:
        await visiting.open_room()
        await visiting.eventually("window.live() === 1")
        await visiting.page.evaluate("window.unplug()")
        await visiting.eventually("window.opened.length === 2")
        assert await visiting.page.evaluate("window.live()") == 1
        await visiting.page.evaluate("window.isMissing = true; window.unplug();")
        await visiting.page.wait_for_selector("#microphone-problem:not([hidden])")
        assert await visiting.text("#go") == "Join to listen"


async def test_a_microphone_lost_while_joining(visit: Visiting) -> None:
    """It is dead before anybody watches it: the call finds that out, and says what it uses instead."""
    async with visit(KEEPING) as visiting:
        await visiting.open_room()
        await visiting.eventually("document.querySelector('#microphone').options.length > 0")
        await visiting.page.evaluate("window.opened.at(-1).stop()")
        await visiting.page.fill("#name", "Bea")
        me = await visiting.enter()
        await visiting.eventually("window.opened.length === 2")
        await visiting.eventually("document.getElementById('notices').innerText.includes('is used now')")
        assert await visiting.page.evaluate("window.live()") == 1
        await until(lambda: not me.info.muted)
