"""Two thousand captions in one call: nothing grows but what is kept to be saved."""

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import CDPSession

from tests.fakes.said import translation
from tests.web.captions.conftest import feed
from tests.web.conftest import Visit, Visiting

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.soak, pytest.mark.timeout(300)]

CAPTIONS = 2_000
REPORT = Path(__file__).parent.parent.parent.parent / "artefacts" / "long_call.json"
# What one may cost to be kept: its texts, times and names. (It takes some 300.)
KEPT_BYTES = 600
# Milliseconds of script that one may cost, with 500 of them there. (It takes 0.3 to 0.7.)
SCRIPT_MS = 3


async def said(visiting: Visit, first: int, last: int) -> None:
    """Say so many captions of three versions each, at the speed at which the page takes them."""
    for start in range(first, last, 25):
        for number in range(start, start + 25):
            words = f"Esta es la frase número {number}, y no dice mucho más que las otras."
            source = f"This is sentence number {number}, and it does not say much more than the others."
            speaker = ("anna", "tom")[number // 3 % 2]
            for part, final in ((20, False), (45, False), (100, True)):
                text = translation(words[:part], source[:part], final=final, utterance=f"u{number}", user_id=speaker)
                feed(visiting).take(text)
        await visiting.eventually(
            f"document.querySelector('[data-utterance=u{start + 24}] [data-final=true]') !== null"
        )


async def state(visiting: Visit, session: CDPSession) -> dict[str, float]:
    """Give what Chromium says of the page, without what is only to be collected."""
    await asyncio.sleep(1)
    for _ in range(2):
        await session.send("HeapProfiler.collectGarbage")
    counted = await session.send("Performance.getMetrics")
    heap = await session.send("Runtime.getHeapUsage")
    return {**{each["name"]: each["value"] for each in counted["metrics"]}, "used": heap["usedSize"]}


async def test_two_thousand_captions(visit: Visiting) -> None:
    """Five hundred stay in the panel; elements, listeners and the heap stay what they were, and each costs little."""
    async with visit() as visiting:
        await visiting.join("Bea", "es", "es")
        for participant_id in ("anna", "tom"):
            visiting.add(participant_id, participant_id.title())
        session = await visiting.page.context.new_cdp_session(visiting.page)
        await session.send("Performance.enable")
        await said(visiting, 0, 500)
        before = await state(visiting, session)
        await said(visiting, 500, 1_000)
        middle = await state(visiting, session)
        await said(visiting, 1_000, CAPTIONS)
        after = await state(visiting, session)
        assert await visiting.page.locator("#said .utterance").count() == 500

        def cost(name: str) -> float:
            """Milliseconds a caption (of three versions), with 500 of them there."""
            return (after[name] - middle[name]) / 1_000 * 1_000

        measured = {name: cost(name) for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")}
        sizes = {name: (before[name], middle[name], after[name]) for name in ("used", "Nodes", "JSEventListeners")}
        REPORT.parent.mkdir(exist_ok=True)
        await asyncio.to_thread(REPORT.write_text, json.dumps({"ms_a_caption": measured, **sizes}, indent=2))
        assert after["Nodes"] <= middle["Nodes"] * 1.02
        assert after["JSEventListeners"] <= middle["JSEventListeners"] + 2
        assert after["used"] - middle["used"] < 1_000 * KEPT_BYTES
        assert cost("ScriptDuration") < SCRIPT_MS

        # All of it can still be saved.
        await visiting.page.click("#open-save")
        async with visiting.page.expect_download() as download:
            await visiting.page.click("[data-format=srt]:visible")
        text = await asyncio.to_thread((await (await download.value).path()).read_text)
        assert text.count(" --> ") == CAPTIONS
