"""What goes on around a call: inviting, the screen, what is tried when the link is lost, the end of an invitation."""

import time

import pytest

from tests.support.until import until
from tests.web.conftest import Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What the device shares, and the screen's locks.
DEVICE = """
window.shared = [];
navigator.share = async (what) => { window.shared.push(what); };
window.locks = [];
Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
  const lock = { released: false, release: async () => { lock.released = true; } };
  window.locks.push(lock);
  return lock;
} } });
"""


async def test_people_are_invited_without_what_is_mine(visit: Visiting) -> None:
    """By a link, by a code to scan, by what the device has: never with the token by which I came, whose end is told."""
    async with visit(DEVICE, permissions=["clipboard-read", "clipboard-write"]) as visiting:
        token = visiting.door.token("demo", "lea", expires_at=time.time() + 200)
        await visiting.open_room(f"?ui=en&token={token}")
        await visiting.page.fill("#name", "Lea")
        await visiting.enter()
        page, link = visiting.page, f"{visiting.door.url}/r/demo"
        await visiting.eventually("document.getElementById('notices').textContent.includes('ends in about 3 min')")
        await page.click("#share")
        assert await page.input_value("#share-link") == link
        await visiting.eventually("document.getElementById('share-code').naturalWidth > 0")
        await page.click("#share-sheet")
        await visiting.eventually("window.shared.length === 1")
        assert (await page.evaluate("window.shared[0]"))["url"] == link
        await page.keyboard.press("i")
        await page.click("#copy")
        await visiting.eventually("document.getElementById('notices').textContent.includes('copied')")
        assert await page.evaluate("navigator.clipboard.readText()") == link
        assert await page.evaluate("document.activeElement.id") == "share"


async def test_the_screen_stays_on_while_the_call_lasts(visit: Visiting) -> None:
    """Asked for again when the page is seen again, given back at the end, and taken again on coming back."""
    async with visit(DEVICE) as visiting:
        await visiting.join()
        held = "window.locks.filter((lock) => !lock.released).length"
        await visiting.eventually(f"{held} === 1")
        await visiting.page.evaluate(
            "window.locks[0].released = true; document.dispatchEvent(new Event('visibilitychange'))"
        )
        await visiting.eventually(f"{held} === 1 && window.locks.length === 2")
        await visiting.page.click("#leave")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        await visiting.eventually(f"{held} === 0")
        await visiting.page.click("#rejoin")
        await visiting.page.wait_for_selector("#call:not([hidden])")
        await visiting.eventually(f"{held} === 1")


async def test_what_is_tried_is_told_while_the_link_is_lost(visit: Visiting) -> None:
    """How often, and when it is tried again: not read out each second; gone when the link is there."""
    async with visit() as visiting:
        await visiting.join()
        page = visiting.page
        await page.route("**/healthz", lambda route: route.abort())
        for presence in visiting.door.door.presences.values():
            if presence.session is not None:
                presence.session._abort()
        await page.wait_for_selector("#lost:not([hidden])")
        await visiting.eventually(
            r"/Tried \d+ times · trying now/.test(document.querySelector('#lost small').textContent)"
        )
        assert await page.get_attribute("#lost small", "aria-hidden") == "true"
        await page.unroute("**/healthz")
        await page.click("#lost button")
        await page.wait_for_selector("#lost", state="hidden")
        visiting.complaints.clear()  # of the requests that were kept from the server


async def test_an_own_voice_is_consented_to_and_taken_back(visit: Visiting) -> None:
    """Where it is offered; languages that did not change are not asked for again."""
    async with visit() as visiting:
        me, page = await visiting.join(), visiting.page
        await page.click("#languages")
        assert not await page.is_visible("#change-own-voice")
        await page.keyboard.press("Escape")

        async def offer(route) -> None:  # type: ignore[no-untyped-def]
            answer = await route.fetch()
            await route.fulfill(json={**await answer.json(), "own_voice": True})

        await page.route("**/api/v1/languages", offer)
        for consented in (True, False):
            await page.click("#languages")
            await page.wait_for_selector("#change-own-voice", state="visible")
            await page.click("#change-own-voice")
            await page.click("#change [value=save]")
            await until(lambda wanted=consented: me.own_voice is wanted)  # type: ignore[misc]
