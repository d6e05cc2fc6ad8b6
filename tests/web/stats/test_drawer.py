"""The statistics drawer: what it asks for, what it shows, and that it is quiet while it is closed."""

import asyncio
import time

import numpy as np
import pytest

from media_server.packet import AudioPacket
from tests.support.opus import encode
from tests.support.until import until
from tests.web.conftest import Visiting, tell
from tests.web.stats.figures import figures, seen, slot

pytestmark = pytest.mark.asyncio(loop_scope="session")

BARS = "#stats-bars > li"


async def test_the_way_of_each_utterance_is_drawn_and_told(visit: Visiting) -> None:
    """From the menu, by keyboard: bars of stages on one scale, times on focus, a table of the same, slots and sound."""
    async with visit() as visiting:
        me = await visiting.join()
        visiting.add("anna", "Anna <b>Whitfield</b>", "en", "en")
        page = visiting.page
        tell(me, figures(seen("before")))
        await page.click("#more")
        await page.focus("#open-stats")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#stats[open]")
        await visiting.eventually("document.querySelector('#stats-none').hidden === false")
        await until(lambda: me.watches)
        tell(me, figures(seen("u1"), slots=(slot("5", 0), slot("1", 0, kind="floor", speaker_id=None))))
        tell(me, figures(seen("u2", slow=700, lost=1), seen("u3", heard=None)))
        await visiting.eventually(f"document.querySelectorAll('{BARS}').length === 3")
        assert await page.eval_on_selector_all(BARS, "rows => rows.map((row) => row.dataset.utterance)") == [
            "u3",
            "u2",
            "u1",
        ]

        begins = await page.eval_on_selector_all(
            f"{BARS}[data-utterance=u1] rect[data-stage]",
            "all => Object.fromEntries(all.map((e) => [e.dataset.stage, Math.round(e.getAttribute('x') * 1.5)]))",
        )
        over = {"recognised": 0, "translated": 310, "synthesised": 340, "returned": 395, "sent": 399, "heard": 402}
        assert begins == over, "each begins where the one before it was over; the scale ends at 1.5 s"
        assert await page.text_content("#stats-axis span:last-child") == "1.5s"
        assert "Anna <b>Whitfield</b>" in await visiting.text(f"{BARS}[data-utterance=u1] .who")
        assert not await page.is_visible(f"{BARS}[data-utterance=u2] .times")
        await page.focus(f"{BARS}[data-utterance=u2] .bar")
        await page.keyboard.press("Enter")
        told = await visiting.text(f"{BARS}[data-utterance=u2] .times")
        assert "Translated: 730 ms" in told
        assert "Parts lost: 1" in told
        tell(me, figures(seen("u3", heard=480)))
        await visiting.eventually(
            f"document.querySelector('{BARS}[data-utterance=u3] .total').textContent === '480 ms'"
        )
        assert await page.evaluate("document.activeElement.closest('li').dataset.utterance") == "u2", "the focus stays"

        await page.click("#stats-as-table")
        cells = await page.eval_on_selector_all(
            "#stats-table tbody tr:last-child > *", "all => all.map((e) => e.textContent)"
        )
        assert cells[1:] == ["310", "340", "395", "399", "402", "471"]
        await page.keyboard.press("Escape")
        await visiting.eventually("!document.querySelector('#stats').open")
        await visiting.eventually("document.activeElement.id === 'more'")
        await until(lambda: not me.watches)
        tell(me, figures(seen("u4")))
        await page.click("#more")
        await page.click("#open-stats")
        assert await page.locator("#stats-bars > li").count() == 3, "what came while it was closed is nothing to it"


async def test_what_is_measured_of_the_connection_is_shown(visit: Visiting) -> None:
    """Round trip, way, codec; and of a slot what the server says it sends beside what the browser gets."""
    async with visit() as visiting:
        me = await visiting.join()
        visiting.add("anna", "Anna", "en", "en")
        assert me.peer is not None
        outlet = me.peer.outlets[4]
        payloads = encode((np.sin(np.arange(16_000) * 0.17) * 9_000).astype(np.int16))
        sending = asyncio.create_task(send(outlet, payloads * 20))
        await visiting.page.evaluate("document.querySelector('#open-stats').click()")
        for _ in range(3):
            tell(me, figures(slots=(slot(outlet.mid, outlet.sent.packets),)))
            await asyncio.sleep(0.7)
        flow = "#stats-flows [data-flow=voice]"
        await visiting.eventually(
            f"/[1-9]\\d* kbit/.test(document.querySelector('{flow} div:nth-child(3) dd')?.textContent)"
        )
        told = await visiting.text(flow)
        assert "Anna" in told
        assert "Voice in Spanish" in told
        tiles = await visiting.text("#stats-tiles")
        assert "Direct, UDP" in tiles
        assert "Opus, 48 kHz" in tiles
        assert "ms" in await visiting.text("#stats-tiles > div:first-child dd")
        await visiting.page.click("#stats [data-close]")
        await visiting.eventually("document.querySelectorAll('#stats-flows > li').length === 0")
        sending.cancel()


async def send(outlet: object, payloads: list[bytes]) -> None:
    """Let an outlet carry sound, 20 ms at a time."""
    for number, payload in enumerate(payloads):
        packet = AudioPacket(number & 0xFFFF, number * 960, payload, None, None, time.monotonic())
        outlet.forward("voice:anna:es:0", packet)  # type: ignore[attr-defined]
        await asyncio.sleep(0.02)
