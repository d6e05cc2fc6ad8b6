"""The menus follow what can be translated, and leave alone what somebody chose."""

import pytest

from media_server.events import Notice
from tests.support.until import until
from tests.web.conftest import Visit, Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The form asks every 100 ms instead of every 5 s.
HASTE = "const every = setInterval; window.setInterval = (action, ms) => every(action, ms / 50);"


def offered(menu: str, tag: str) -> str:
    """Give a script that tells whether a menu offers a language."""
    return f"[...document.getElementById('{menu}').options].some((option) => option.value === '{tag}')"


async def test_the_form_keeps_a_choice_that_is_gone_for_a_moment(visit: Visiting) -> None:
    """Nothing translates into it now: the menu still says it, the form says so, and it is what the room gets."""
    async with visit(HASTE) as visiting:
        await visiting.open_room()
        await visiting.page.select_option("#hear", "fr")
        visiting.door.rooms.paths.pairs.discard(("en", "fr"))
        await visiting.eventually(f"!({offered('speak', 'fr')})")
        assert await visiting.page.input_value("#hear") == "fr"
        assert "Nothing here translates into French now" in await visiting.text("#hear-hint")
        await visiting.page.fill("#name", "Bea")
        me = await visiting.enter()
        assert me.info.listening_language == "fr"


async def test_a_preset_comes_back(visit: Visiting) -> None:
    """What was only preset follows what is offered; back to the browser's language as soon as it is there."""
    async with visit(HASTE, locale="es-ES") as visiting:
        visiting.door.rooms.paths.pairs.discard(("en", "es"))
        await visiting.open_room()
        assert await visiting.page.input_value("#hear") != "es"
        visiting.door.rooms.paths.pairs.add(("en", "es"))
        await visiting.eventually("document.getElementById('hear').value === 'es'")


async def join_before_anything_is_translated(visiting: Visit) -> None:
    """Open the page and go in while the engines start; then they are there."""
    paths = visiting.door.rooms.paths
    recognisable, pairs = paths.recognisable, set(paths.pairs)
    paths.recognisable, paths.pairs = frozenset(), set()
    await visiting.open_room()
    await visiting.page.fill("#name", "Bea")
    await visiting.enter()
    paths.recognisable, paths.pairs = recognisable, pairs


async def test_a_page_opened_while_engines_start_learns_what_they_can_do(visit: Visiting) -> None:
    """The dialog offers it, and the tiles show who is translated."""
    async with visit(locale="es-ES") as visiting:
        await join_before_anything_is_translated(visiting)
        visiting.add("anna", "Anna", "en", "en")
        await visiting.page.wait_for_selector("[data-participant=anna]")
        assert await visiting.page.is_hidden("[data-participant=anna] .translated")
        await visiting.page.click("#languages")
        await visiting.eventually(offered("change-hear", "fr"))
        await visiting.page.wait_for_selector("[data-participant=anna] .translated:not([hidden])")


async def test_the_dialog_never_changes_what_it_does_not_offer(visit: Visiting) -> None:
    """My languages are no longer translated: they are still chosen, and saving keeps them."""
    async with visit() as visiting:
        me = await visiting.join("Bea", "en", "fr")
        visiting.door.rooms.paths.pairs.discard(("en", "fr"))
        await visiting.page.click("#languages")
        await visiting.eventually(f"!({offered('change-speak', 'fr')})")
        assert await visiting.page.input_value("#change-hear") == "fr"
        await visiting.page.select_option("#change-speak", "es")
        await visiting.page.click("#change [value=save]")
        await until(lambda: me.info.speaking_language == "es")
        assert me.info.listening_language == "fr"


async def test_a_change_that_the_server_did_not_make_is_not_shown(visit: Visiting) -> None:
    """Tile and dialog say what the server last said of me."""
    async with visit() as visiting:
        me = await visiting.join("Bea", "es", "es")
        me.set_languages = lambda **_: None  # type: ignore[method-assign]
        await visiting.page.click("#languages")
        await visiting.page.select_option("#change-hear", "fr")
        await visiting.page.click("#change [value=save]")
        await visiting.page.click("#languages")
        assert await visiting.page.input_value("#change-hear") == "es"
        assert await visiting.text(".is-me .hears") == "Hears Spanish"


async def test_what_auto_is_taken_for_is_said_by_name(visit: Visiting) -> None:
    """In the page's language, also by a page opened before that language could be recognised."""
    async with visit(locale="es-ES") as visiting:
        await join_before_anything_is_translated(visiting)
        (me,) = visiting.room.participants.values()
        tell(me, Notice(code="auto_language", text="Only one language can be recognised here, en.", language="en"))
        await visiting.page.wait_for_selector("#notices .notice")
        assert "Aquí solo se reconoce un idioma, inglés" in await visiting.text("#notices")
