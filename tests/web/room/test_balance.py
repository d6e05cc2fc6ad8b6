"""One slider from the original to the translation: what is heard, what the server is asked for, what is remembered."""

import pytest

from media_server.events import RestoreOriginal, SlotChanged, SuppressOriginal
from tests.fakes.rooms import FakeParticipant
from tests.support.until import until
from tests.web.conftest import Visit, Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What elements do on iOS: a volume stands until the next tick.
NO_VOLUME = """
const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'volume');
Object.defineProperty(HTMLMediaElement.prototype, 'volume', {
  get() { return this.fleeting ?? 1; },
  set(value) { this.fleeting = value; setTimeout(() => { this.fleeting = undefined; }); },
});
"""

# Notes when the volumes of the first slot were set, and to what.
NOTES = """
window.notes = [];
const own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'volume');
Object.defineProperty(HTMLMediaElement.prototype, 'volume', {
  get() { return own.get.call(this); },
  set(value) {
    if (this.dataset.mid === '1') window.notes.push([performance.now(), value]);
    own.set.call(this, value);
  },
});
"""


def volumes(*mids: str) -> str:
    """Give a script for the volumes of some slots."""
    return f"{list(mids)}.map((mid) => document.querySelector(`audio[data-mid='${{mid}}']`).volume.toFixed(2)).join()"


async def slide(visiting: Visit, position: int) -> None:
    """Put the slider somewhere."""
    await visiting.page.locator("#balance-slider").fill(str(position))


async def hear_anna(visiting: Visit) -> tuple[FakeParticipant, list[str]]:
    """Join, and hear Anna in translation and Carl as he is; gives what the room is asked for from then on, too."""
    me = await visiting.join()
    told: list[str] = []
    take = me.set_original
    me.set_original = lambda original: (told.append(original), take(original))  # type: ignore[assignment,func-returns-value]
    visiting.add("anna", "Anna")
    tell(
        me,
        SlotChanged(mid="1", kind="floor", speaker_id="anna"),
        SlotChanged(mid="2", kind="floor", speaker_id="carl"),
        SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"),
    )
    await visiting.page.wait_for_selector("[data-participant=anna] .translated.is-sounding")
    return me, told


async def test_the_balance(visit: Visiting) -> None:
    """Originals give way while their translation sounds, and the other way round; the server sends what is due."""
    async with visit(NOTES) as visiting:
        page = visiting.page
        me, told = await hear_anna(visiting)
        assert me.original == "off"
        await page.click("#balance")
        await page.wait_for_selector("#balance-panel:not([hidden])")
        assert await page.evaluate("document.activeElement.id") == "balance-slider"
        assert await visiting.text("#balance-words") == "Only the translation"

        # Between the ends: the server sends both, and the original is quieter while its translation sounds.
        await slide(visiting, 85)
        await until(lambda: me.original == "low")
        assert await page.get_attribute("#balance-slider", "aria-valuetext") == "Mostly the translation"
        assert await page.evaluate(volumes("1", "2", "5")) == "1.00,1.00,1.00"
        await page.evaluate("window.notes.length = 0")
        tell(me, SuppressOriginal(speaker_id="anna"))
        await visiting.eventually(f"{volumes('1', '2', '5')} === '0.13,1.00,1.00'")
        notes = await page.evaluate("window.notes")
        # In steps, each a little lower, over some 150 ms.
        assert len(notes) >= 4
        assert [value for _, value in notes] == sorted((value for _, value in notes), reverse=True)
        assert 80 < notes[-1][0] - notes[0][0] < 1000
        tell(me, RestoreOriginal(speaker_id="anna"))
        await visiting.eventually(f"{volumes('1')} === '1.00'")

        # By keyboard to the other end, faster than the server takes it: it learns the last word, and few others.
        tell(me, SuppressOriginal(speaker_id="anna"))
        await page.keyboard.press("Home")
        for _ in range(6):
            await page.keyboard.press("End")
            await page.keyboard.press("Home")
        await visiting.eventually(f"{volumes('1', '2', '5')} === '1.00,1.00,0.00'")
        assert await visiting.text("#balance-words") == "Only the original"
        await until(lambda: me.original == "on")
        assert len(told) <= 4

        # The switch silences the original wherever the slider is, and never leaves nothing to hear.
        await page.click("#balance-original")
        await until(lambda: me.original == "off")
        await visiting.eventually(f"{volumes('1', '5')} === '0.00,1.00'")
        assert await page.get_attribute("#balance-original", "aria-checked") == "true"
        await page.click("#balance-original")
        await until(lambda: me.original == "on")
        await slide(visiting, 30)
        await until(lambda: me.original == "low")
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.id") == "balance"
        assert await page.get_attribute("#balance", "aria-label") == "Balance: Mostly the original"

        # It is there the next time.
        await page.goto("about:blank")
        await until(lambda: me.left == "left")
        again = await visiting.join()
        assert again.original == "low"
        assert await page.input_value("#balance-slider") == "30"


async def test_where_volumes_cannot_be_set(visit: Visiting) -> None:
    """As on iOS: what should be quiet is silent, the page says so, and people are muted rather than made quieter."""
    async with visit(NO_VOLUME) as visiting:
        page = visiting.page
        me = await visiting.join()
        visiting.add("anna", "Anna")
        tell(
            me,
            SlotChanged(mid="1", kind="floor", speaker_id="anna"),
            SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"),
        )
        muted = "['1', '5'].map((mid) => document.querySelector(`audio[data-mid='${mid}']`).muted).join()"
        await page.click("#balance")
        assert "sets the volume by itself" in await visiting.text("#balance-panel")
        await slide(visiting, 85)
        tell(me, SuppressOriginal(speaker_id="anna"))
        await visiting.eventually(f"{muted} === 'true,false'")
        await slide(visiting, 50)
        await visiting.eventually(f"{muted} === 'false,false'")
        await slide(visiting, 0)
        await visiting.eventually(f"{muted} === 'false,true'")
        await page.keyboard.press("Escape")
        await page.click("[data-participant=anna] .more")
        assert await page.is_hidden("#person-volume")
        await page.click("#person-silence")
        await visiting.eventually(f"{muted} === 'true,true'")
