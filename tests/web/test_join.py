"""Before the room: name, microphone, languages, and what is said when something is missing."""

import pytest

from tests.support.until import until
from tests.web.conftest import Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSED = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };"
MISSING = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotFoundError'); };"
BUSY = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotReadableError'); };"
INSECURE = """
Object.defineProperty(window, 'isSecureContext', { value: false });
Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
"""
ASKED = """
window.asked = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) => { window.asked.push(wanted.audio); return ask(wanted); };
"""


async def options(page: object, menu: str) -> list[str]:
    found: list[str] = await page.eval_on_selector_all(f"{menu} option", "all => all.map((o) => o.value)")  # type: ignore[attr-defined]
    return found


async def test_joining(visit: Visiting) -> None:
    """What the form says is what the room gets."""
    async with visit() as visiting:
        me = await visiting.join("  Ada   Lovelace ", "auto", "fr")
        assert me.info.name == "Ada Lovelace"
        assert (me.info.speaking_language, me.info.listening_language) == ("auto", "fr")
        assert me.original == "off"
        assert "Ada Lovelace (you)" in await visiting.text("#people")


async def test_the_menus_offer_what_the_server_can_do(visit: Visiting) -> None:
    """In the reader's own words, with `auto` to speak, and a word where nothing recognises a language."""
    async with visit(locale="es-ES") as visiting:
        await visiting.open_room()
        assert await options(visiting.page, "#speak") == ["auto", "en", "es", "fr"]
        assert await options(visiting.page, "#hear") == ["es", "fr", "en"]
        assert await visiting.page.inner_text("#hear option[value=en]") == "Inglés"
        # Preset from the browser's languages.
        assert await visiting.page.input_value("#speak") == "es"
        assert "nada reconoce Español" in await visiting.text("#speak-hint")


async def test_the_choice_is_remembered(visit: Visiting) -> None:
    """By this browser, for the next visit."""
    async with visit() as visiting:
        await visiting.join("Bea", "en", "fr")
        await visiting.open_room()
        assert await visiting.page.input_value("#name") == "Bea"
        assert await visiting.page.input_value("#speak") == "en"
        assert await visiting.page.input_value("#hear") == "fr"


async def test_the_level_shows_that_i_am_heard(visit: Visiting) -> None:
    """The microphone beeps: the meter moves, and the page says so."""
    async with visit() as visiting:
        await visiting.open_room()
        await visiting.eventually("document.getElementById('microphone-state').textContent === 'We hear you'")
        await visiting.eventually("Number(document.getElementById('level').getAttribute('aria-valuenow')) > 20")
        assert len(await options(visiting.page, "#microphone")) >= 1


@pytest.mark.parametrize(
    ("trouble", "words", "again"),
    [
        (REFUSED, "The microphone was refused", True),
        (MISSING, "No microphone was found", True),
        (BUSY, "in use by another program", True),
        (INSECURE, "insecure address", False),
    ],
)
async def test_without_a_microphone_one_joins_to_listen(visit: Visiting, trouble: str, words: str, again: bool) -> None:
    """The page says what is wrong in plain words, and the call works: the others see that I am muted."""
    async with visit(trouble) as visiting:
        await visiting.open_room()
        await visiting.page.wait_for_selector("#microphone-problem:not([hidden])")
        assert words in await visiting.text("#microphone-problem p")
        assert await visiting.page.is_visible("#microphone-again") is again
        assert await visiting.text("#go") == "Join to listen"
        await visiting.page.fill("#name", "Listener")
        me = await visiting.enter()
        assert await visiting.text("#mute span") == "Turn on mic"
        await visiting.page.wait_for_selector(".person .sign.muted:not([hidden])")
        await until(lambda: me.info.muted)


async def test_the_microphone_can_come_later(visit: Visiting) -> None:
    """It goes into the m-line that was kept for it: nothing is negotiated again."""
    script = REFUSED.replace(
        "navigator", "window.allow = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); navigator", 1
    )
    async with visit(script) as visiting:
        await visiting.open_room()
        await visiting.page.fill("#name", "Listener")
        me = await visiting.enter()
        await visiting.page.wait_for_selector(".person .sign.muted:not([hidden])")
        await visiting.page.evaluate("void (navigator.mediaDevices.getUserMedia = window.allow)")
        await visiting.page.click("#mute")
        await visiting.eventually("document.querySelector('#mute span').textContent === 'Mute'")
        await visiting.eventually("document.querySelector('.person .sign.muted').hidden")
        await until(lambda: not me.info.muted)


async def test_a_name_is_asked_for(visit: Visiting) -> None:
    """Without one nobody joins; the focus goes where it is missing."""
    async with visit() as visiting:
        await visiting.open_room()
        await visiting.page.fill("#name", "   ")
        await visiting.page.click("#go")
        assert "type your name" in await visiting.text("#name-problem")
        assert await visiting.page.evaluate("document.activeElement.id") == "name"
        assert visiting.door.rooms.get("demo") is None


async def test_what_the_server_refuses_is_shown_in_the_form(visit: Visiting) -> None:
    """A name of invisible characters passes the form and not the door; the next try works."""
    async with visit() as visiting:
        await visiting.open_room()
        await visiting.page.fill("#name", "\u2066\u2069")
        await visiting.page.click("#go")
        await visiting.page.wait_for_selector("#join-problem:not([hidden])")
        assert "visible character" in await visiting.text("#join-problem")
        await visiting.page.fill("#name", "Ada")
        await visiting.enter()


@pytest.mark.parametrize(("query", "cleaned"), [("", True), ("?raw=1", False)])
async def test_clean_up_of_the_sound(visit: Visiting, query: str, cleaned: bool) -> None:
    """It is on unless the address asks for the sound as it is."""
    async with visit(ASKED) as visiting:
        await visiting.open_room(query)
        await visiting.eventually("window.asked.length > 0")
        asked = await visiting.page.evaluate("window.asked[0]")
        assert {asked[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl")} == {cleaned}
