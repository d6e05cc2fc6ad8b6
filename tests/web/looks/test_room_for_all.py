"""Other looks at the page: lines from right to left, narrow windows, large letters, long words, notices."""

import json
import re

import pytest

from media_server.events import Notice
from tests.fakes.said import translation
from tests.support.source_tree import ROOT
from tests.web.conftest import Visiting
from tests.web.looks.test_states import PICTURES, cut
from tests.web.stage import ChromiumStage, tell
from tests.web.states import offer_languages, talk, tour

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"width": 360, "height": 740}

# Each Latin letter as an Arabic one: nobody can read it, and it runs from right to left.
_ARABIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")


def mirrored() -> str:
    """Give the page's words as if they were Arabic."""
    english = json.loads((ROOT / "web" / "strings" / "en.json").read_text(encoding="utf-8"))
    return json.dumps(
        {
            key: "".join(
                part if part.startswith("{") else part.lower().translate(_ARABIC)
                for part in re.split(r"(\{\w+\})", text)
            )
            for key, text in english.items()
        }
    )


@pytest.mark.soak
async def test_from_right_to_left(visit: Visiting) -> None:
    """The page stands as in a mirror, with nothing beside it."""
    async with visit(viewport={"width": 1440, "height": 900}, reduced_motion="reduce") as visiting:
        await visiting.page.route(
            "**/assets/strings/ar.json",
            lambda route: route.fulfill(content_type="application/json", body=mirrored()),
        )
        stage = ChromiumStage(visiting.page, visiting.door, ui="ar")
        offer_languages(stage)
        found = []
        async for name in tour(stage):
            for size in ({"width": 1440, "height": 900}, {"width": 390, "height": 844}):
                await stage.page.set_viewport_size(size)  # type: ignore[arg-type]
                await stage.page.screenshot(path=PICTURES / "right-to-left" / f"{name}-{size['width']}.png")
                found += [f"{name} at {size['width']}: {line}" for line in await cut(stage)]
            await stage.page.set_viewport_size({"width": 1440, "height": 900})
            if name == "call":
                assert await stage.run("document.dir") == "rtl"
                place = "(s) => document.querySelector(s).getBoundingClientRect().x"
                mute, leave, stands, captions = [
                    await stage.page.evaluate(place, one) for one in ("#mute", "#leave", "#people", "#captions-panel")
                ]
                assert leave < mute
                assert captions < stands
        await stage.leave()
        assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "width", "height", "letters"),
    [
        ("narrow", 320, 640, "100%"),
        pytest.param("large", 1280, 900, "200%", marks=pytest.mark.soak),
        ("large-phone", 390, 844, "200%"),
    ],
)
async def test_narrow_windows_and_large_letters(
    visit: Visiting, name: str, width: int, height: int, letters: str
) -> None:
    """Nothing is cut or scrolls sideways, and each control can be reached."""
    bigger = f"addEventListener('DOMContentLoaded', () => {{ document.documentElement.style.fontSize = '{letters}'; }})"
    async with visit(bigger, viewport={"width": width, "height": height}, reduced_motion="reduce") as visiting:
        stage = ChromiumStage(visiting.page, visiting.door)
        offer_languages(stage)
        found = []
        async for state in tour(stage):
            await stage.page.screenshot(path=PICTURES / name / f"{state}.png")
            found += [f"{state}: {line}" for line in await cut(stage)]
        await stage.leave()
        assert not found, "\n".join(found)


async def test_spanish_fits_a_phone(visit: Visiting) -> None:
    """Its words are longer."""
    async with visit(viewport=PHONE, locale="es-ES", reduced_motion="reduce") as visiting:
        stage = ChromiumStage(visiting.page, visiting.door)
        offer_languages(stage)
        found = []
        async for name in tour(stage):
            await stage.page.screenshot(path=PICTURES / "spanish" / f"{name}.png")
            found += [f"{name}: {line}" for line in await cut(stage)]
        await stage.click("#mute")
        await stage.eventually("document.querySelector('#mute span').textContent === 'Activar'")
        found += [f"muted: {line}" for line in await cut(stage)]
        await stage.leave()
        assert not found, "\n".join(found)


async def test_notices_cover_nothing(visit: Visiting) -> None:
    """They make room for themselves: people, the newest line and the controls stay in sight."""
    async with visit(viewport=PHONE, reduced_motion="reduce") as visiting:
        stage = ChromiumStage(visiting.page, visiting.door)
        offer_languages(stage)
        me = await talk(stage)
        for number in range(40):
            visiting.door.door.feed.take(translation(f"frase {number}", f"sentence {number}", utterance=f"v{number}"))
        await stage.eventually("document.querySelectorAll('.line').length === 45")
        for participant_id in ("anna", "p1", "p2"):
            tell(me, Notice(code="translation_paused", text="x", speaker_id=participant_id))
        await stage.eventually("document.querySelectorAll('.notice').length === 3")
        await stage.page.screenshot(path=PICTURES / "notices.png")
        script = """(selector) => {
          const { left, right, top, bottom } = document.querySelector(selector).getBoundingClientRect();
          const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return at !== null && at.closest(selector) !== null;
        }"""
        await stage.eventually(f"({script})('.utterance:last-child .source')")
        for size in (PHONE, {"width": 1280, "height": 800}):
            await stage.page.set_viewport_size(size)  # type: ignore[arg-type]
            for selector in ("#share", ".is-me .name", "#mute", "#leave"):
                assert await stage.page.evaluate(script, selector), f"{selector} is covered"
        await stage.leave()
