"""The captions panel: what stands where, while it is said and later."""

import time

import pytest

from tests.fakes.said import transcript, translation
from tests.web.captions.conftest import AT_END, feed, has_lines, lines
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "${window.hacked = 1}",
    "{{constructor.constructor('window.hacked=1')()}}",
    "</p></article><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "&lt;b&gt;bold&lt;/b&gt;",
]
# As a browser that keeps nobody's place.
NO_ANCHORS = """
const supports = CSS.supports.bind(CSS);
CSS.supports = (...asked) => asked[0] !== 'overflow-anchor' && supports(...asked);
const sheet = new CSSStyleSheet();
sheet.replaceSync('#captions { overflow-anchor: none !important; }');
document.addEventListener('DOMContentLoaded', () => { document.adoptedStyleSheets = [sheet]; });
"""
# Where a block stands on the screen.
TOP = "(id) => document.querySelector(`[data-utterance=${id}]`).getBoundingClientRect().top"


async def show_markup(visiting: Visit, shown: int) -> None:
    """Show names and words full of markup below what is there: letter by letter, and nothing of them runs."""
    for number, text in enumerate(HOSTILE):
        visiting.add(f"evil{number}", text)
        feed(visiting).take(translation(text, text + "!", utterance=f"h{number}", user_id=f"evil{number}"))
    await has_lines(visiting, shown + len(HOSTILE))
    assert [line[:2] for line in (await lines(visiting))[shown:]] == [[text, text] for text in HOSTILE]
    assert await visiting.page.evaluate("window.hacked") is None
    assert await visiting.page.locator("#call script, #call iframe, #captions-panel img").count() == 0


async def test_captions_as_they_come(visit: Visiting) -> None:
    """Interim text is grey and replaced in place; clauses, and what is replayed, stand where they were said."""
    now_ms = int(time.time() * 1000)
    async with visit() as visiting:
        me = await visiting.join("Bea", "es", "es")
        anna = visiting.add("anna", "Anna")
        await visiting.page.wait_for_selector("[data-participant=anna]")
        feed(visiting).take(translation("buenos", "good", final=False, ended_at_ms=now_ms - 9_000))
        await visiting.page.wait_for_selector(".line.is-interim")
        assert await lines(visiting) == [["Anna", "buenos", "good"]]
        line = await visiting.page.query_selector(".line")
        assert line is not None
        grey = await visiting.page.eval_on_selector(".line .text", "p => getComputedStyle(p).color")
        feed(visiting).take(translation("buenos días", "good morning", ended_at_ms=now_ms - 8_000))
        await visiting.page.wait_for_selector(".line:not(.is-interim)")
        assert await lines(visiting) == [["Anna", "buenos días", "good morning"]]
        assert await line.evaluate("line => line.isConnected")
        await visiting.eventually(f"getComputedStyle(document.querySelector('.line .text')).color !== '{grey}'")
        assert await visiting.page.get_attribute(".line .text", "lang") == "es"
        assert await visiting.page.get_attribute(".line .source", "lang") == "en"

        # Clauses in their order, whatever order they come in; what was not said after all goes.
        feed(visiting).take(translation("tres", "three", clause=2, ended_at_ms=now_ms - 6_000))
        feed(visiting).take(translation("dos", "two", clause=1, ended_at_ms=now_ms - 7_000))
        feed(visiting).take(translation("cua", "fo", clause=3, final=False, ended_at_ms=now_ms - 5_000))
        await has_lines(visiting, 4)
        feed(visiting).take(translation("", "", clause=3, ended_at_ms=now_ms - 5_000))
        await has_lines(visiting, 3)
        assert [line[1] for line in await lines(visiting)] == ["buenos días", "dos", "tres"]

        # Mine, and what I understand, in one line; who left keeps the name, and who was never here has none.
        mine = me.info.participant_id
        feed(visiting).take(transcript("yo", utterance="u2", language="es", user_id=mine, ended_at_ms=now_ms - 4_000))
        await anna.leave()
        await visiting.page.wait_for_selector("[data-participant=anna]", state="detached")
        feed(visiting).take(translation("adiós", "goodbye", utterance="u4", ended_at_ms=now_ms - 2_000))
        feed(visiting).take(transcript("hola", utterance="u5", language="es", user_id="gone", ended_at_ms=now_ms))
        await has_lines(visiting, 6)
        assert (await lines(visiting))[3:] == [
            ["You", "yo"],
            ["Anna", "adiós", "goodbye"],
            ["Somebody who left", "hola"],
        ]
        assert await visiting.page.locator(".utterance.is-mine").get_attribute("data-utterance") == "u2"

        # What comes much later stands between what was said before and after it, and names only where they change.
        late = translation("y", "and", utterance="u3", ended_at_ms=now_ms - 3_000, purpose="replay")
        feed(visiting).take(late)
        await has_lines(visiting, 7)
        continued = "[...document.querySelectorAll('.is-continued')].map((block) => block.dataset.utterance).join()"
        assert await visiting.page.evaluate(continued) == "u4"
        feed(visiting).take(transcript("", utterance="u2", language="es", user_id=mine, ended_at_ms=now_ms - 4_000))
        await has_lines(visiting, 7)  # what is final stays
        at = await visiting.page.get_attribute(".utterance >> nth=0 >> time", "datetime")
        assert at is not None
        assert at.startswith(time.strftime("%Y-%m-%dT%H:", time.gmtime((now_ms - 9_000) / 1000)))

        await show_markup(visiting, 7)


@pytest.mark.parametrize("script", ["", NO_ANCHORS], ids=["with anchors", "without anchors"])
async def test_nobody_loses_their_place(visit: Visiting, script: str) -> None:
    """Who reads along sees the newest line without jumps; who scrolled up stays there, until the button leads back."""
    now_ms = int(time.time() * 1000)
    long = (
        "Una frase bastante larga que ocupa varias líneas del panel de subtítulos, porque dice muchas cosas seguidas."
    )
    async with visit(script=script) as visiting:
        await visiting.join("Bea", "es", "es")
        for number in range(40):
            at = now_ms - 20_000 + 500 * number
            feed(visiting).take(
                translation(f"frase {number}", f"line {number}", utterance=f"u{number}", ended_at_ms=at)
            )
        await has_lines(visiting, 40)
        await visiting.eventually(AT_END)

        # Interim text that gets shorter pulls nothing down.
        feed(visiting).take(translation(long, "x", utterance="v", final=False))
        await has_lines(visiting, 41)
        await visiting.eventually(AT_END)
        before = await visiting.page.evaluate(TOP, "u39")
        feed(visiting).take(translation("Una frase corta.", "x", utterance="v"))
        await visiting.page.wait_for_selector("[data-utterance=v] .line[data-final=true]")
        assert await visiting.page.evaluate(TOP, "u39") == before

        # Reading back: what grows, comes above and comes below moves nothing.
        await visiting.page.evaluate("document.getElementById('captions').scrollTop = 600")
        await visiting.page.wait_for_selector("#newest:not([hidden])")
        place = await visiting.page.evaluate(TOP, "u20")
        feed(visiting).take(translation(long, long, utterance="w", ended_at_ms=now_ms - 19_750, purpose="replay"))
        feed(visiting).take(translation(long, long, utterance="u0", clause=1, ended_at_ms=now_ms - 20_000))
        feed(visiting).take(translation("otra", "another", utterance="z"))
        await has_lines(visiting, 44)
        await visiting.eventually(f"Math.abs(({TOP})('u20') - {place}) < 1")
        assert not await visiting.page.evaluate(AT_END)
        await visiting.page.click("#newest")
        await visiting.eventually(AT_END)
        assert await visiting.page.is_hidden("#newest")
