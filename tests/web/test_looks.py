"""How it looks: each state at phone and desktop size, light and dark, kept as pictures in artefacts/."""

from pathlib import Path

import pytest

from media_server.events import Notice, SlotChanged, Speaking
from tests.fakes.said import transcript, translation
from tests.web.conftest import Visit, Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(__file__).parent.parent.parent / "artefacts" / "page"
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 800}}


async def look(visiting: Visit, name: str) -> None:
    """Keep a picture; nothing may stand out to the side."""
    wide = await visiting.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    await visiting.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    assert wide <= 0, f"{name} scrolls sideways by {wide} pixels"


async def outside(visiting: Visit, selector: str) -> list[str]:
    """Give the texts that stand out of their own control."""
    script = "all => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.trim())"
    found: list[str] = await visiting.page.eval_on_selector_all(selector, script)
    return found


async def fill(visiting: Visit) -> None:
    """Bring a talk into full swing."""
    me = await visiting.join("Lucía", "es", "es")
    for participant_id, name, speaks in (
        ("anna", "Anna Whitfield", "en"),
        ("tom", "Tom Becker-Hohenlohe von und zu Langenburg", "de"),
        ("amelie", "Amélie", "fr"),
    ):
        visiting.add(participant_id, name, speaks, speaks)
    visiting.room.participants["amelie"].set_muted(True)
    tell(
        me,
        SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"),
        Speaking(speaker_ids=("anna",)),
        Notice(code="no_translation", text="x", speaker_id="tom"),
    )
    said = (
        translation("Buenos días. Gracias por venir tan temprano.", "Good morning. Thank you for coming so early."),
        translation("Hoy hablamos del puente nuevo.", "Today we talk about the new bridge.", clause=1),
        transcript("Tengo una pregunta.", utterance="u2", language="es", user_id=me.info.participant_id),
        translation("El calendario no ha cambiado:", "The schedule has not changed:", utterance="u3"),
        translation("empezamos en primavera y", "we start in spring and", utterance="u3", clause=1, final=False),
    )
    for text in said:
        visiting.door.door.feed.take(text)
    await visiting.eventually("document.querySelectorAll('.line').length === 5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_state(visit: Visiting, size: str, scheme: str) -> None:
    """Landing, form, call, dialog, end: nothing scrolls sideways, no label leaves its control."""
    async with visit(viewport=SIZES[size], color_scheme=scheme) as visiting:
        await visiting.page.goto(visiting.door.url)
        await look(visiting, f"landing-{size}-{scheme}")
        await visiting.open_room()
        await visiting.page.fill("#name", "Lucía")
        await look(visiting, f"join-{size}-{scheme}")
        await fill(visiting)
        await look(visiting, f"call-{size}-{scheme}")
        assert await outside(visiting, ".button, .switch, .switch span") == []
        await visiting.page.click("#languages")
        await look(visiting, f"languages-{size}-{scheme}")
        await visiting.page.keyboard.press("Escape")
        await visiting.page.click("#leave")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        await look(visiting, f"ended-{size}-{scheme}")


@pytest.mark.parametrize("size", SIZES)
async def test_notices_cover_nothing(visit: Visiting, size: str) -> None:
    """They make room for themselves: people, the newest line and the controls stay in sight."""
    async with visit(viewport=SIZES[size]) as visiting:
        me = await visiting.join("Lucía", "es", "es")
        for number in range(40):
            visiting.door.door.feed.take(translation(f"frase {number}", f"sentence {number}", utterance=f"u{number}"))
        await visiting.eventually("document.querySelectorAll('.line').length === 40")
        for participant_id, name in (("anna", "Anna Whitfield"), ("tom", "Tom Becker"), ("amelie", "Amélie")):
            visiting.add(participant_id, name)
            tell(me, Notice(code="translation_paused", text="x", speaker_id=participant_id))
        await visiting.eventually("document.querySelectorAll('.notice').length === 3")
        script = """(selector) => {
          const { left, right, top, bottom } = document.querySelector(selector).getBoundingClientRect();
          const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return at !== null && at.closest(selector) !== null;
        }"""
        await visiting.eventually(f"({script})('.utterance:last-child .source')")
        for selector in ("#copy", ".is-me .name", "#mute", "#leave"):
            assert await visiting.page.evaluate(script, selector), f"{selector} is covered"


async def test_spanish_fits_a_phone(visit: Visiting) -> None:
    """Its words are longer."""
    async with visit(viewport=SIZES["phone"], locale="es-ES") as visiting:
        await fill(visiting)
        await look(visiting, "call-phone-es")
        assert await outside(visiting, ".button, .switch, .switch span") == []
        await visiting.page.click("#mute")
        await visiting.eventually("document.querySelector('#mute span').textContent === 'Activar'")
        assert await outside(visiting, ".button") == []
