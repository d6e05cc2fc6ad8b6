"""The captions panel, and text from others as text."""

import time

import pytest

from signaling.captions.feed import CaptionFeed
from tests.fakes.said import transcript, translation
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


def feed(visiting: Visit) -> CaptionFeed:
    return visiting.door.door.feed


async def lines(visiting: Visit) -> list[list[str]]:
    """Give the lines of the panel: [speaker, text, original or nothing]."""
    script = """all => all.map((line) => [
      line.closest('.utterance').querySelector('.speaker').textContent,
      ...[...line.children].filter((p) => !p.hidden).map((p) => p.textContent),
    ])"""
    found: list[list[str]] = await visiting.page.eval_on_selector_all("#captions .line", script)
    return found


async def test_interim_text_is_greyed_and_replaced_in_place(visit: Visiting) -> None:
    """One line from its first word to its last, the original below, and then the next one."""
    async with visit() as visiting:
        await visiting.join("Bea", "es", "es")
        visiting.add("anna", "Anna")
        await visiting.page.wait_for_selector("[data-participant=anna]")
        feed(visiting).take(translation("buenos", "good", final=False))
        await visiting.page.wait_for_selector(".line.is-interim")
        assert await lines(visiting) == [["Anna", "buenos", "good"]]
        line = await visiting.page.query_selector(".line")
        assert line is not None
        grey = await visiting.page.eval_on_selector(".line .text", "p => getComputedStyle(p).color")
        feed(visiting).take(translation("buenos días", "good morning"))
        await visiting.page.wait_for_selector(".line:not(.is-interim)")
        assert await lines(visiting) == [["Anna", "buenos días", "good morning"]]
        assert await line.evaluate("line => line.isConnected")
        assert await visiting.page.eval_on_selector(".line .text", "p => getComputedStyle(p).color") != grey
        feed(visiting).take(translation("segunda", "second", clause=1))
        await visiting.eventually("document.querySelectorAll('.line').length === 2")
        assert await lines(visiting) == [["Anna", "buenos días", "good morning"], ["Anna", "segunda", "second"]]
        assert await visiting.page.get_attribute(".line .text >> nth=0", "lang") == "es"
        assert await visiting.page.get_attribute(".line .source >> nth=0", "lang") == "en"


async def test_clauses_stand_in_their_order(visit: Visiting) -> None:
    """Whatever order they come in; what was not said after all goes."""
    async with visit() as visiting:
        await visiting.join("Bea", "es", "es")
        feed(visiting).take(translation("dos", "two", clause=1))
        feed(visiting).take(translation("uno", "one", clause=0))
        feed(visiting).take(translation("tr", "th", clause=2, final=False))
        await visiting.eventually("document.querySelectorAll('.line').length === 3")
        feed(visiting).take(translation("", "", clause=2))
        await visiting.eventually("document.querySelectorAll('.line').length === 2")
        assert [line[1] for line in await lines(visiting)] == ["uno", "dos"]


async def test_what_is_not_translated_has_one_line(visit: Visiting) -> None:
    """Mine, and what I understand: no original below; somebody who has left is somebody."""
    async with visit() as visiting:
        me = await visiting.join("Bea", "en", "es")
        feed(visiting).take(transcript("hello", user_id=me.info.participant_id))
        feed(visiting).take(transcript("hola", utterance="u2", language="es", user_id="gone"))
        await visiting.eventually("document.querySelectorAll('.line').length === 2")
        assert await lines(visiting) == [["Bea", "hello"], ["Somebody who left", "hola"]]


async def test_who_left_keeps_the_name(visit: Visiting) -> None:
    """What somebody said last is often recognised after they went."""
    async with visit() as visiting:
        await visiting.join("Bea", "en", "es")
        anna = visiting.add("anna", "Anna")
        await visiting.page.wait_for_selector("[data-participant=anna]")
        await anna.leave()
        await visiting.page.wait_for_selector("[data-participant=anna]", state="detached")
        feed(visiting).take(translation("adiós", "goodbye"))
        await visiting.page.wait_for_selector(".line")
        assert await lines(visiting) == [["Anna", "adiós", "goodbye"]]


async def test_reading_back_is_not_disturbed(visit: Visiting) -> None:
    """Who scrolled up stays there; a button leads to the newest."""
    async with visit() as visiting:
        await visiting.join("Bea", "es", "es")
        for number in range(40):
            feed(visiting).take(translation(f"frase {number}", f"sentence {number}", utterance=f"u{number}"))
        await visiting.eventually("document.querySelectorAll('.line').length === 40")
        at_end = "(() => { const c = document.getElementById('captions');"
        at_end += " return c.scrollHeight - c.scrollTop - c.clientHeight < 48; })()"
        await visiting.eventually(at_end)
        await visiting.page.evaluate("document.getElementById('captions').scrollTop = 0")
        await visiting.page.wait_for_selector("#newest:not([hidden])")
        feed(visiting).take(translation("otra", "another", utterance="u99"))
        await visiting.eventually("document.querySelectorAll('.line').length === 41")
        assert await visiting.page.evaluate("document.getElementById('captions').scrollTop") == 0
        await visiting.page.click("#newest")
        await visiting.eventually(at_end)


async def test_captions_are_not_read_out_by_themselves(visit: Visiting) -> None:
    """Who hears speech does not want it twice: the panel is no live region."""
    async with visit() as visiting:
        await visiting.open_room()
        assert await visiting.page.get_attribute("#captions", "aria-live") == "off"


async def test_text_from_others_stays_text(visit: Visiting) -> None:
    """Names and captions full of markup are shown letter by letter, and nothing of them runs."""
    async with visit() as visiting:
        await visiting.join("Bea", "es", "es")
        for number, text in enumerate(HOSTILE):
            visiting.add(f"evil{number}", text)
            feed(visiting).take(translation(text, text + "!", utterance=f"u{number}", user_id=f"evil{number}"))
        await visiting.eventually(f"document.querySelectorAll('.line').length === {len(HOSTILE)}")
        assert [line[1] for line in await lines(visiting)] == HOSTILE
        names = await visiting.page.eval_on_selector_all(".person .name", "all => all.map((n) => n.textContent)")
        assert names[1:] == HOSTILE
        assert await visiting.page.evaluate("window.hacked") is None
        assert await visiting.page.locator("main script, main iframe, main img").count() == 0


async def test_what_is_replayed_stands_where_it_was_said(visit: Visiting) -> None:
    """Between what was said before and after it, though it comes much later."""
    now_ms = int(time.time() * 1000)
    async with visit() as visiting:
        await visiting.join("Bea", "es", "es")
        for at, said in enumerate(("primera", "tercera")):
            feed(visiting).take(translation(said, "x", utterance=f"u{2 * at}", ended_at_ms=now_ms - 4_000 + 2_000 * at))
        await visiting.eventually("document.querySelectorAll('.line').length === 2")
        late = translation("segunda", "x", utterance="u1", ended_at_ms=now_ms - 3_000, purpose="replay")
        feed(visiting).take(late)
        await visiting.eventually("document.querySelectorAll('.line').length === 3")
        assert [line[1] for line in await lines(visiting)] == ["primera", "segunda", "tercera"]
