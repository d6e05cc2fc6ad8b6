"""Who is here: tiles with what is known of each, their menus, and rooms with more people than fit."""

import asyncio

import pytest

from media_server.events import QualityChanged, RestoreOriginal, SlotChanged, Speaking
from media_server.rights import Rights
from tests.fakes.rooms import FakeRoom
from tests.web.conftest import Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANNA = "[data-participant=anna]"
ORDER = "[...document.querySelectorAll('#people > li')].map((tile) => tile.dataset.participant)"


def seat(room: FakeRoom, name: str, role: str) -> None:
    """Put somebody of a role into the room."""
    room.join(
        participant_id=name.lower().replace(" ", "-"),
        name=name,
        speaking_language="en",
        listening_language="fr",
        original="off",
        events=lambda _: None,
        rights=Rights(role=role, publishes=role != "listener"),  # type: ignore[arg-type]
    )


async def test_people_come_change_and_go(visit: Visiting) -> None:
    """Each has a tile, with languages, ring and signs; what is not known yet is not claimed."""
    async with visit() as visiting:
        page = visiting.page
        me = await visiting.join("Bea", "es", "es")
        assert await page.is_visible("#alone")
        anna = visiting.add("anna", "Anna", "en", "fr")
        seat(visiting.room, "Hugo", "host")
        await page.wait_for_selector("[data-participant=hugo][data-role=host]")
        assert await visiting.text(f"{ANNA} .name") == "Anna"
        assert await visiting.text(f"{ANNA} .speaks") == "Speaks English"
        assert await visiting.text(f"{ANNA} .hears") == "Hears French"
        assert await visiting.text("[data-participant=hugo] .role") == "Host"
        assert await page.is_hidden(f"{ANNA} .role")
        assert await page.is_hidden(f"{ANNA} .quality")
        # She speaks what I do not hear, and it can be had: she is translated for me.
        assert await visiting.text(f"{ANNA} .translated") == "EN → ES"
        assert await visiting.text("#count") == "3 people"
        assert (await page.evaluate(ORDER))[0] == me.info.participant_id

        tell(me, Speaking(speaker_ids=("anna", "hugo")))
        await page.wait_for_selector(f"{ANNA}.is-talking.is-loudest .sign.talking:not([hidden])")
        assert await page.locator(".is-talking:not(.is-loudest)").get_attribute("data-participant") == "hugo"
        tell(me, Speaking(speaker_ids=()))
        await page.wait_for_selector(f"{ANNA}:not(.is-talking)")

        tell(me, SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"))
        await page.wait_for_selector(f"{ANNA} .translated.is-sounding[aria-label='You hear the translation']")
        tell(me, RestoreOriginal(speaker_id="anna"), SlotChanged(mid="5", kind="none"))
        await page.wait_for_selector(f"{ANNA} .translated:not(.is-sounding)[aria-label='Translated for you']")

        tell(me, QualityChanged(qualities={"anna": "poor", "nobody": "good"}))
        await page.wait_for_selector(f"{ANNA}[data-quality=poor] .quality[aria-label='Poor connection']:not([hidden])")

        anna.set_muted(True)
        await page.wait_for_selector(f"{ANNA} .sign.muted:not([hidden])")
        await anna.leave()
        await page.wait_for_selector(ANNA, state="detached")
        assert await visiting.text("#count") == "2 people"


async def test_a_person_has_a_menu(visit: Visiting) -> None:
    """By keyboard alone: how loud they are, original and translation alike, and whether at all; nobody else changes."""
    async with visit() as visiting:
        page = visiting.page
        me = await visiting.join()
        anna = visiting.add("anna", "Anna")
        visiting.add("carl", "Carl")
        tell(
            me,
            SlotChanged(mid="1", kind="floor", speaker_id="anna"),
            SlotChanged(mid="2", kind="floor", speaker_id="carl"),
            SlotChanged(mid="5", kind="voice", speaker_id="anna", language="es"),
            QualityChanged(qualities={"anna": "fair"}),
        )
        await page.wait_for_selector(f"{ANNA} .translated.is-sounding")
        volumes = "['1', '2', '5'].map((mid) => document.querySelector(`audio[data-mid='${mid}']`).volume).join()"
        # My own voice is not played to me.
        assert await page.is_hidden(".is-me .more")
        await page.focus(f"{ANNA} .more")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#person-menu:not([hidden])")
        assert await page.get_attribute(f"{ANNA} .more", "aria-expanded") == "true"
        assert await visiting.text("#person-name") == "Anna"
        assert await visiting.text("#person-quality") == "Fair connection"
        assert await page.evaluate("document.activeElement.id") == "person-volume"
        for _ in range(4):
            await page.keyboard.press("ArrowLeft")
        assert await page.get_attribute("#person-volume", "aria-valuetext") == "80 %"
        await visiting.eventually(f"{volumes} === '0.8,1,0.8'")

        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.wait_for_selector(f"{ANNA} .sign.silenced:not([hidden])")
        assert await page.get_attribute("#person-silence", "aria-checked") == "true"
        await visiting.eventually(f"{volumes} === '0,1,0'")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#person-menu", state="hidden")
        assert await page.evaluate("document.activeElement.closest('.person').dataset.participant") == "anna"

        # A voice that begins later is as loud as was chosen.
        tell(me, SlotChanged(mid="2", kind="floor", speaker_id="anna"))
        await visiting.eventually(f"{volumes} === '0,0,0'")
        await page.click(f"{ANNA} .more")
        await page.click("#person-silence")
        await visiting.eventually(f"{volumes} === '0.8,0.8,0.8'")
        # The menu goes with whom it is about.
        await anna.leave()
        await page.wait_for_selector("#person-menu", state="hidden")


async def test_a_large_room(visit: Visiting) -> None:
    """Listeners are a number until they are asked for; who keeps talking comes into sight, and nobody else moves."""
    async with visit(viewport={"width": 1280, "height": 800}) as visiting:
        page = visiting.page
        me = await visiting.join()
        for number in range(45):
            visiting.add(f"s{number}", f"Speaker {number}")
        for number in range(15):
            seat(visiting.room, f"L {number}", "listener")
        await visiting.eventually("document.querySelectorAll('.person').length === 61")
        assert await visiting.text("#count") == "61 people"
        assert await visiting.text("#toggle-listeners") == "15 people listen"
        assert await page.locator("#people > li").count() == 46
        assert await page.is_hidden("#listeners")
        await page.press("#toggle-listeners", "Enter")
        assert await page.get_attribute("#toggle-listeners", "aria-expanded") == "true"
        await page.wait_for_selector("#listeners > [data-participant=l-14]:visible")
        await page.press("#toggle-listeners", "Enter")
        assert await page.is_hidden("#listeners")

        before = await page.evaluate(ORDER)
        # A cough moves nobody; whoever goes on takes the place of one in sight who does not talk.
        tell(me, Speaking(speaker_ids=("s0", "s40")))
        tell(me, Speaking(speaker_ids=("s0", "s44")))
        await visiting.eventually(f"{ORDER}.indexOf('s44') < 30")
        after = await page.evaluate(ORDER)
        place = after.index("s44")
        gone = before[place]
        assert gone not in ("s0", me.info.participant_id)
        assert [gone if one == "s44" else "s44" if one == gone else one for one in after] == before
        # Nor does anybody go whom a keyboard is at.
        next_one = after[place - 1]
        await page.focus(f"[data-participant={next_one}] .more")
        tell(me, Speaking(speaker_ids=("s0", "s43")))
        await visiting.eventually(f"{ORDER}.indexOf('s43') < 30")
        assert (await page.evaluate(ORDER)).index(next_one) == place - 1
        await asyncio.gather(*(visiting.room.participants[f"l-{number}"].leave() for number in range(15)))
        await page.wait_for_selector("#toggle-listeners", state="hidden")
