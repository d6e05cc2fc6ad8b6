"""Copying and saving what was said."""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest

from tests.fakes.said import transcript, translation
from tests.web.captions.conftest import feed, has_lines
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW_MS = 1_795_000_000_000


async def saved(visiting: Visit, form: str) -> tuple[str, str]:
    """Press the button of a format; give the file's name and what is in it."""
    async with visiting.page.expect_download() as download:
        await visiting.page.click(f"[data-format={form}]:visible")
    value = await download.value
    read = Path(await value.path()).read_bytes
    return value.suggested_filename, (await asyncio.to_thread(read)).decode()


async def module(visiting: Visit, name: str, call: str) -> object:
    """Call something of a module of the panel that needs no page."""
    return await visiting.page.evaluate(f"import('/assets/js/captions/{name}.js').then((m) => {call})")


async def test_copying_and_saving(visit: Visiting) -> None:
    """One line, a turn, everything; as text and as subtitles, in my words, the original ones, or both."""
    now_ms = int(time.time() * 1000)
    async with visit(
        accept_downloads=True, permissions=["clipboard-read", "clipboard-write", "microphone"]
    ) as visiting:
        page = visiting.page
        copied = "navigator.clipboard.readText()"
        me = await visiting.join("Bea <b>", "es", "es")
        visiting.add("anna", "Anna\u2028& Co")
        await page.wait_for_selector("[data-participant=anna]")
        await page.click("#open-save")
        assert await page.is_disabled("#copy-all")
        feed(visiting).take(translation("hola", "hello", final=False, ended_at_ms=now_ms - 9_500))
        feed(visiting).take(translation("hola -->", "hello there, my friend", ended_at_ms=now_ms - 8_000))
        feed(visiting).take(translation("segunda", "second", clause=1, ended_at_ms=now_ms - 7_000))
        mine = me.info.participant_id
        said = transcript("si & <i>no</i>", utterance="u2", language="es", user_id=mine, ended_at_ms=now_ms - 5_000)
        feed(visiting).take(said)
        feed(visiting).take(translation("y lue", "and th", utterance="u3", final=False, ended_at_ms=now_ms))
        await has_lines(visiting, 4)
        await page.click("#open-looks")
        await page.click("#open-save")

        name, srt = await saved(visiting, "srt")
        assert re.fullmatch(r"demo-\d{4}-\d\d-\d\d-\d{4}\.srt", name)
        assert srt.split("\r\n") == [
            "1", "00:00:00,000 --> 00:00:01,500", "Anna & Co: hola \u2192", "",
            "2", "00:00:02,000 --> 00:00:03,200", "Anna & Co: segunda", "",
            "3", "00:00:03,567 --> 00:00:04,767", "Bea \u2039b\u203a: si & \u2039i\u203ano\u2039/i\u203a", "",
        ]  # fmt: skip
        await page.check("[name=words][value=both]")
        name, vtt = await saved(visiting, "vtt")
        assert name.endswith("-both.vtt")
        head, *cues = vtt.split("\n\n")
        assert head == "WEBVTT"
        assert re.fullmatch(r"NOTE Zero is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", cues[0])
        assert cues[1].split("\n")[1:] == [
            "<v Anna &amp; Co>hola --&gt;",
            "<lang en>hello there, my friend</lang>",
        ]
        assert cues[3].split("\n")[1] == "<v Bea &lt;b&gt;>si &amp; &lt;i&gt;no&lt;/i&gt;"
        await page.check("[name=words][value=original]")
        _, text = await saved(visiting, "txt")
        assert re.sub(r"\[\d\d:\d\d:\d\d\]", "[]", text).splitlines() == [
            "[] Anna & Co: hello there, my friend",
            "[] Anna & Co: second",
            "[] Bea <b>: si & <i>no</i>",
        ]
        await page.click("#copy-all")
        await visiting.eventually(f"{copied}.then((text) => text === {json.dumps(text)})")

        await copy_by_hand(visiting)
        await check_cues(visiting)
        await check_bounds(visiting)


async def test_what_was_said_can_be_saved_when_the_call_is_over(visit: Visiting) -> None:
    """Also by who was sent away; where nothing was said, nothing is offered, and the next call begins anew."""
    async with visit(accept_downloads=True) as visiting:
        page = visiting.page
        await visiting.join("Bea", "es", "es")
        await page.click("#leave")
        await page.wait_for_selector("#ended:not([hidden])")
        assert await page.is_hidden("#ended-save")
        await page.click("#rejoin")
        await page.wait_for_selector("#call:not([hidden])")
        visiting.add("anna", "Anna")
        await page.wait_for_selector("[data-participant=anna]")
        feed(visiting).take(translation("hola", "hello"))
        await has_lines(visiting, 1)
        visiting.door.door.hosts.end("demo")
        await page.wait_for_selector("#ended:not([hidden])")
        assert await page.locator(".line").count() == 0
        _, text = await saved(visiting, "txt")
        assert text.rstrip().endswith("Anna: hola")


async def copy_by_hand(visiting: Visit) -> None:
    """By mouse, and by keys; where browsers do not trust a page with the clipboard, too."""
    page = visiting.page
    copied = "navigator.clipboard.readText()"
    await page.hover("[data-clause='1'] .text")
    await page.click(".line-buttons [aria-label='Copy this caption']")
    await visiting.eventually(f"{copied}.then((text) => text === 'second')")
    await page.focus("#captions")
    for key in ("ArrowUp", "ArrowUp", "ArrowUp"):
        await page.keyboard.press(key)
    assert await page.evaluate("document.activeElement.querySelector('.text').textContent") == "segunda"
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await visiting.eventually(f"{copied}.then((text) => text.endsWith(': hello there, my friend\\nsecond'))")
    # Where browsers do not trust a page with the clipboard, the old way.
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=Copied.")


async def check_cues(visiting: Visit) -> None:
    """See that a clause begins as long before its end as it takes to say, by what else is known of it."""
    clause = {"speaker": "a", "name": "A", "begunBy": None, "text": "x" * 45, "source": None}
    given = [
        {**clause, "endedAt": NOW_MS},  # 45 letters: 3 s
        {**clause, "endedAt": NOW_MS + 2_000},  # not before the end of what the same speaker said before
        {**clause, "endedAt": NOW_MS + 2_500, "speaker": "b", "begunBy": NOW_MS - 2_500},  # interim text was there
        {**clause, "endedAt": NOW_MS + 9_000, "text": "你好" * 3},  # 15 letters' worth: 1 s
        {**clause, "endedAt": NOW_MS + 9_000, "text": "."},  # recognised as ending in the same moment
    ]
    script = f"""m.cuesOf({json.dumps(given)}).map((cue) =>
      [cue.beganAt, cue.endedAt, cue.shownUntil].map((at) => at - {NOW_MS}))"""
    assert await module(visiting, "cues", script) == [
        [-3_000, 0, 0],
        [-2_500, 2_500, 2_500],
        [0, 2_000, 2_000],
        [8_000, 9_000, 9_000],
        [9_000, 9_000, 10_200],
    ]


async def check_bounds(visiting: Visit) -> None:
    """See that what is kept has a size, and that what had to go is counted; a correction takes its place."""
    script = """(() => {
      const record = new m.Record();
      const caption = { speaker_id: 'a', clause: 0, language: 'es', source_language: 'en', source_text: 'x' };
      const take = (n, text) =>
        record.take({ ...caption, is_final: true, text, utterance_id: `u${n}`, timestamp_ms: n }, 'A');
      for (let n = 0; n < 20_007; n += 1) take(n, 't');
      take(20_000, 'other');
      take(20_001, '');
      const clauses = record.clauses();
      return [record.size, record.dropped, clauses[0].endedAt, clauses.at(-6).text, clauses.at(-5).endedAt];
    })()"""
    assert await module(visiting, "record", script) == [19_999, 7, 7, "other", 20_002]
