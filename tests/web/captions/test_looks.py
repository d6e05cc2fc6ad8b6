"""How somebody likes their captions, and that it is so the next time; delays; reading aloud."""

import time

import pytest

from tests.fakes.rooms import FakeParticipant
from tests.fakes.said import transcript, translation
from tests.web.captions.conftest import feed, has_lines, say_to_page
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTH = "document.getElementById('captions-panel').getBoundingClientRect().width"
SIZE = "parseFloat(getComputedStyle(document.querySelector('.line .text')).fontSize)"

SEEN = "all => all.filter((piece) => piece.offsetWidth > 0).map((piece) => piece.textContent)"


async def see_delays(visiting: Visit) -> None:
    """See the worst one at a glance, all when asked, none when there is none."""
    page = visiting.page
    assert await page.is_hidden("#delays")
    delays = [
        {"source": "en", "target": "es", "voice_ms": 480, "caption_ms": 430},
        {"source": "de", "target": "es", "voice_ms": None, "caption_ms": None},
        {"source": "fr", "target": "es", "voice_ms": None, "caption_ms": 1_940},
    ]
    await say_to_page(visiting, type="delays", delays=delays)
    await page.wait_for_selector("#delays:not([hidden])")
    assert await page.eval_on_selector_all("#delays span", SEEN) == ["FR → ES · ", "1.9s", " +1"]
    await page.click("#delays")
    told = await page.eval_on_selector_all("#delays-list li", "all => all.map((one) => one.textContent)")
    assert told == [
        "French → Spanish: the caption comes 1.9s after the words.",
        "English → Spanish: the caption comes 0.4s after the words, the voice 0.5s.",
    ]
    await page.keyboard.press("Escape")
    assert await page.is_hidden("#delays-drawer")
    await say_to_page(visiting, type="delays", delays=[])
    await page.wait_for_selector("#delays", state="hidden")


async def have_read_aloud(visiting: Visit, me: FakeParticipant) -> None:
    """Switch it on: only what is final, of others, and new is read."""
    page = visiting.page
    assert await page.get_attribute("#captions", "aria-live") == "off"
    assert await page.get_attribute("#captions-aloud", "aria-live") == "off"
    await page.click("#open-looks")
    await page.check("#read-aloud")
    assert await page.get_attribute("#captions-aloud", "aria-live") == "polite"
    feed(visiting).take(translation("do", "tw", clause=1, final=False))
    feed(visiting).take(translation("dos", "two", clause=1))
    feed(visiting).take(transcript("yo", utterance="m", language="es", user_id=me.info.participant_id))
    feed(visiting).take(
        translation("antes", "before", utterance="o", ended_at_ms=int(time.time() * 1000) - 60_000, purpose="replay")
    )
    await has_lines(visiting, 4)
    assert await page.inner_text("#captions-aloud") == "Anna: dos"


async def choose_looks(visiting: Visit) -> float:
    """Larger, without originals, wider, and then hidden; gives the width in the end."""
    page = visiting.page
    usual = await page.evaluate(SIZE)
    await page.click("#larger")
    await page.click("#larger")
    assert await page.evaluate(SIZE) == pytest.approx(usual * 1.45, abs=0.1)
    assert await page.is_visible(".line .source >> nth=0")
    await page.uncheck("#show-originals")
    assert await page.is_hidden(".line .source >> nth=0")
    wide: float = await page.evaluate(WIDTH)
    await page.focus("#captions-edge")
    for _ in range(5):
        await page.keyboard.press("ArrowLeft")
    assert await page.evaluate(WIDTH) == pytest.approx(wide + 80, abs=1)
    box = await page.locator("#captions-edge").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 1, box["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(box["x"] - 99, box["y"] + 20)
    await page.mouse.up()
    assert await page.evaluate(WIDTH) == pytest.approx(wide + 180, abs=3)
    await page.click("#toggle-captions")
    assert await page.is_hidden("#captions-panel")
    assert await page.get_attribute("#toggle-captions", "aria-pressed") == "false"
    return wide + 180


async def test_captions_as_somebody_likes_them(visit: Visiting) -> None:
    """Size of text, originals, width, shown or not: remembered. Delays are told. Nothing is read aloud unless asked."""
    async with visit(viewport={"width": 1280, "height": 800}) as visiting:
        page = visiting.page
        me = await visiting.join("Bea", "es", "es")
        visiting.add("anna", "Anna")
        await page.wait_for_selector("[data-participant=anna]")
        feed(visiting).take(translation("uno", "one"))
        await has_lines(visiting, 1)

        await see_delays(visiting)
        await have_read_aloud(visiting, me)
        wide = await choose_looks(visiting)

        # The next time, as a page that is opened anew.
        await page.reload()
        await page.wait_for_selector("#join:not([hidden])")
        feed(visiting).take(translation("tres", "three", utterance="u3"))
        await visiting.enter()
        assert await page.is_hidden("#captions-panel")
        await page.click("#toggle-captions")
        await visiting.eventually(f"Math.abs({WIDTH} - {wide}) < 3")
        assert await page.is_checked("#read-aloud")
        assert not await page.is_checked("#show-originals")
        assert await page.text_content("#text-size") == "145 %"
