"""Looking for words in the captions."""

import pytest

from tests.fakes.said import translation
from tests.web.captions.conftest import feed, has_lines
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

# As a browser that cannot paint ranges.
NO_HIGHLIGHTS = "delete window.Highlight;"
# The words that are shown as found, the present one last.
SHOWN = """() => {
  const marks = ['mark:not(.is-now)', 'mark.is-now'].flatMap((one) => [...document.querySelectorAll(`#said ${one}`)]);
  if (typeof Highlight !== 'function') return marks.map((mark) => mark.textContent);
  const painted = [CSS.highlights.get('found'), CSS.highlights.get('found-now')].filter(Boolean);
  return painted.flatMap((highlight) => [...highlight]).map((range) => range.toString());
}"""


async def found(visiting: Visit, count: str) -> list[str]:
    """Wait for what the bar says of how much there is; give what is shown."""
    await visiting.eventually(f"document.getElementById('found').textContent === {count!r}")
    shown: list[str] = await visiting.page.evaluate(SHOWN)
    return shown


@pytest.mark.parametrize("script", ["", NO_HIGHLIGHTS], ids=["painted", "marked"])
async def test_search(visit: Visiting, script: str) -> None:
    """Whatever the case and accents, also in what is still being said; Escape leaves and unmarks everything."""
    async with visit(script=script) as visiting:
        page = visiting.page
        await visiting.join("Bea", "es", "es")
        for number in range(30):
            feed(visiting).take(translation(f"Línea {number}", f"Line {number}", utterance=f"u{number}"))
        feed(visiting).take(translation("Mañana, MAÑANA y pasado manana", "Tomorrow (linea)", utterance="m"))
        await has_lines(visiting, 31)
        await page.click("#open-find")
        assert await page.evaluate("document.activeElement.id") == "find"
        await page.keyboard.type("MANANA")
        assert await found(visiting, "1 of 3") == ["MAÑANA", "manana", "Mañana"]
        await page.keyboard.press("Enter")
        assert (await found(visiting, "2 of 3"))[-1] == "MAÑANA"
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.press("Shift+Enter")
        assert (await found(visiting, "3 of 3"))[-1] == "manana"

        # What is being said comes in, is replaced, and goes; the present place stays what it was.
        feed(visiting).take(translation("¿mañana?", "?", utterance="n", final=False))
        assert (await found(visiting, "3 of 4"))[-1] == "manana"
        feed(visiting).take(translation("¿hoy?", "?", utterance="n"))
        await found(visiting, "3 of 3")

        # Originals count as long as they are shown.
        await page.fill("#find", "linea")
        await visiting.eventually("document.getElementById('found').textContent.endsWith(' of 31')")
        assert len(await page.evaluate(SHOWN)) == 31
        await page.evaluate("document.getElementById('show-originals').click()")
        await visiting.eventually("document.getElementById('found').textContent.endsWith(' of 30')")
        await page.fill("#find", "nothing of the kind")
        assert await found(visiting, "Nothing found") == []
        assert await page.is_disabled("#find-next")

        # A place far up is brought into sight.
        await page.fill("#find", "línea 0")
        await visiting.eventually("document.getElementById('captions').scrollTop === 0")
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.id") == "open-find"
        assert await page.evaluate(SHOWN) == []
        assert await page.locator("#said mark").count() == 0
        assert await page.text_content("[data-utterance=m] .text") == "Mañana, MAÑANA y pasado manana"
