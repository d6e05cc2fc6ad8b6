"""What keeps sound from being heard, and what tells a speaker how they are heard."""

import pytest

from media_server.events import Speaking, StillListening
from tests.support.until import until
from tests.web.conftest import Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A browser that plays nothing before it is allowed, by itself or when it is asked to.
BLOCKED = """
window.blocked = true;
const set = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (name !== 'autoplay') set.call(this, name, value);
};
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  return window.blocked ? Promise.reject(new DOMException('tap first', 'NotAllowedError')) : play.call(this);
};
"""

# A microphone that hums all the time, at some -15 dB.
HUM = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const [tone, level] = [context.createOscillator(), context.createGain()];
  const out = context.createMediaStreamDestination();
  level.gain.value = 0.25;
  tone.connect(level).connect(out);
  tone.start();
  window.hum = level.gain;
  return out.stream;
};
"""

PLAYING = "[...document.querySelectorAll('audio')].every((audio) => !audio.paused)"


async def test_blocked_sound_needs_one_tap(visit: Visiting) -> None:
    """One button says so until all plays, and a tap anywhere will do. What is stopped later goes on by itself."""
    async with visit(BLOCKED) as visiting:
        page = visiting.page
        await visiting.join()
        await page.wait_for_selector("#blocked:not([hidden])")
        assert await page.locator("#blocked button").count() == 1
        # A browser that still does not want to: the button stays.
        await page.click("#hear-now")
        assert await page.is_visible("#blocked")
        await page.evaluate("window.blocked = false")
        await page.click("#room-name")
        await page.wait_for_selector("#blocked", state="hidden")
        await visiting.eventually(PLAYING)

        # A phone call, or headphones that were unplugged.
        await page.evaluate("document.querySelectorAll('audio').forEach((audio) => audio.pause())")
        await visiting.eventually(PLAYING)
        # And while it is blocked again: when the page comes back to the front.
        await page.evaluate(
            "window.blocked = true; document.querySelectorAll('audio').forEach((audio) => audio.pause())"
        )
        await page.wait_for_selector("#blocked:not([hidden])")
        await page.evaluate("window.blocked = false; document.dispatchEvent(new Event('visibilitychange'))")
        await page.wait_for_selector("#blocked", state="hidden")
        await visiting.eventually(PLAYING)


async def test_what_a_speaker_is_told(visit: Visiting) -> None:
    """That others still listen, counting down; and that nobody hears them while they are muted."""
    async with visit(HUM) as visiting:
        page = visiting.page
        me = await visiting.join()
        # What is over before it can be read is not shown.
        tell(me, StillListening(remaining_ms=700, listeners=1), Speaking(speaker_ids=(me.info.participant_id,)))
        await page.wait_for_selector(".is-me.is-talking")
        still = page.locator(".is-me .still")
        assert await still.is_hidden()
        tell(me, StillListening(remaining_ms=2900, listeners=1))
        await still.wait_for()
        assert await still.inner_text() == "Somebody still listening (3s)"
        assert await page.locator(".is-me .still").evaluate("(e) => e.closest('[aria-live], [role=status]')") is None
        await visiting.eventually("document.querySelector('.is-me .still').textContent.includes('(2s)')")
        tell(me, StillListening(remaining_ms=5000, listeners=3))
        await visiting.eventually(
            "document.querySelector('.is-me .still').textContent === 'Others still listening (5s)'"
        )
        tell(me, StillListening(remaining_ms=0, listeners=0))
        await still.wait_for(state="hidden")

        # What hums is heard, and nobody says anything.
        assert await page.is_hidden("#talking-muted")
        await page.click("#mute")
        await until(lambda: me.info.muted)
        await page.wait_for_selector("#talking-muted[role=status]:not([hidden])")
        assert "You are muted" in await visiting.text("#talking-muted")
        assert await page.locator(".is-me.is-unheard").count() == 1
        await page.click("#mute")
        await page.wait_for_selector("#talking-muted", state="hidden")
        assert await page.locator(".is-unheard").count() == 0
