"""Before the room: name, languages, sound, and what is said when something is missing."""

import json
from typing import Any

import pytest
from playwright.async_api import Route

from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What the browser answers when it is asked for a microphone: an error, silence, or what it gives by itself.
ANSWERS = """
window.asked = [];
window.answer = null;
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.asked.push(wanted.audio);
  if (window.answer === 'silence') return new AudioContext().createMediaStreamDestination().stream;
  if (window.answer) throw new DOMException(window.answer[1], window.answer[0]);
  return ask(wanted);
};
navigator.permissions.query = async () => ({ state: window.permission ?? 'denied' });
"""
# Notes where <audio> elements play, and what.
PLAYERS = """
window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.played.push([this.sinkId, this.src]); return play.call(this); };
"""


async def options(visiting: Visit, menu: str) -> list[str]:
    found: list[str] = await visiting.page.eval_on_selector_all(
        f"{menu} option", "all => all.map((option) => option.value)"
    )
    return found


async def says(visiting: Visit, selector: str, words: str) -> None:
    """Wait until an element that is shown says something."""
    await visiting.eventually(
        f"(document.querySelector({json.dumps(selector)})?.innerText ?? '').includes({json.dumps(words)})"
    )


async def known(visiting: Visit) -> None:
    """Wait until the server has said what can be spoken and heard."""
    await visiting.page.wait_for_selector("#join-form[data-languages=known]")


async def test_joining(visit: Visiting) -> None:
    """What the form says is what the room gets, by Enter as well; this browser remembers it for the next visit."""
    async with visit() as visiting:
        me = await visiting.join("  Ada   Lovelace ", "auto", "fr")
        assert me.info.name == "Ada Lovelace"
        assert (me.info.speaking_language, me.info.listening_language) == ("auto", "fr")
        assert (me.original, me.own_voice) == ("off", False)
        assert "Ada Lovelace (you)" in await visiting.text("#people")
        await visiting.open_room()
        await known(visiting)
        assert (await visiting.page.input_value("#name")).split() == ["Ada", "Lovelace"]
        assert await visiting.page.input_value("#speak") == "auto"
        assert await visiting.page.input_value("#hear") == "fr"
        await visiting.page.press("#name", "Enter")
        await visiting.page.wait_for_selector("#call:not([hidden])")
        await visiting.eventually("document.documentElement.dataset.connection === 'connected'")


async def test_the_menus_can_be_searched(visit: Visiting) -> None:
    """They offer what the server can do, in the reader's words and the languages' own; all of it by keyboard."""
    async with visit(locale="es-ES") as visiting:
        page = visiting.page
        await visiting.open_room()
        await known(visiting)
        assert await options(visiting, "#speak") == ["auto", "en", "es", "fr"]
        assert await options(visiting, "#hear") == ["es", "fr", "en"]
        # Preset from the browser's languages.
        assert await page.input_value("#speak") == "es"
        assert "nada reconoce español" in await visiting.text("#speak-hint")
        assert await page.get_attribute("#hear-text", "role") == "combobox"
        assert await page.eval_on_selector("#hear-text", "field => field.labels[0].textContent") == "Quiero oír"
        # In the reader's language, without its accents; Escape leaves what was chosen.
        await page.focus("#hear-text")
        await page.keyboard.type("frances")
        assert await page.eval_on_selector_all("#hear-list li", "all => all.map((e) => e.innerText)") == [
            "Francés\nFrançais"
        ]
        assert await page.get_attribute("#hear-text", "aria-expanded") == "true"
        await page.keyboard.press("Escape")
        assert await page.get_attribute("#hear-text", "aria-expanded") == "false"
        assert await page.input_value("#hear-text") == "Español"
        # In its own name; Enter takes it, and does not send the form.
        await page.keyboard.type("engl")
        active = await page.get_attribute("#hear-text", "aria-activedescendant")
        assert await page.inner_text(f"#{active} .picker-name") == "Inglés"
        await page.keyboard.press("Enter")
        assert await page.input_value("#hear") == "en"
        assert await page.is_visible("#join")
        assert await page.is_hidden("#name-problem")
        # By its tag; with Tab.
        await page.keyboard.type("fr")
        await page.keyboard.press("Tab")
        assert await page.input_value("#hear") == "fr"
        # With the arrows, from what is chosen on; and a word that is no language's.
        await page.focus("#speak-text")
        for key in ("ArrowDown", "ArrowUp", "Enter"):
            await page.keyboard.press(key)
        assert await page.input_value("#speak") == "en"
        assert await visiting.text("#speak-hint") == ""
        await page.keyboard.type("klingon")
        assert await visiting.text("#speak-list + p") == "Aquí ningún idioma se llama «klingon»"
        # With the mouse, or a finger; to look elsewhere changes nothing.
        await page.click("#name")
        assert await page.input_value("#speak-text") == "Inglés"
        await page.click("#speak-text")
        await page.click("#speak-list li:has-text('Detectar')")
        assert await page.input_value("#speak") == "auto"
        assert await page.is_hidden("#speak-list")


async def test_sound_is_tried(visit: Visiting) -> None:
    """The meter moves and the page says that I am heard; a chime plays where I chose, and that is remembered."""
    async with visit(ANSWERS + PLAYERS) as visiting:
        page = visiting.page
        await visiting.open_room("?raw=1")
        await says(visiting, "#microphone-state", "We hear you")
        await visiting.eventually("Number(document.getElementById('level').getAttribute('aria-valuenow')) > 20")
        assert len(await options(visiting, "#microphone")) >= 1
        assert await page.is_hidden("#microphone-problem")
        # `?raw=1` asks for the sound as it is.
        cleaning = ("echoCancellation", "noiseSuppression", "autoGainControl")
        assert {await page.evaluate(f"window.asked[0].{each}") for each in cleaning} == {False}
        await page.wait_for_selector("#output option >> nth=1", state="attached")
        other = (await options(visiting, "#output"))[1]
        await page.select_option("#output", other)
        await page.click("#test-speaker")
        await says(visiting, "#speaker-state", "Playing")
        await visiting.eventually("window.played.length === 1")
        sink, source = (await page.evaluate("window.played"))[0]
        assert sink == other
        assert source.startswith("blob:")
        await says(visiting, "#speaker-state", "Did you hear it?")
        await visiting.open_room()
        await visiting.eventually(f"document.getElementById('output').value === {json.dumps(other)}")
        assert {await page.evaluate(f"window.asked[0].{each}") for each in cleaning} == {True}


async def test_every_trouble_with_the_microphone_has_words(visit: Visiting) -> None:
    """With what to do about it. Without one I join to listen, and one that is there later can be turned on."""
    troubles = (
        (("NotAllowedError", "no"), "denied", "Press the icon left of the address"),
        (("NotAllowedError", "no"), "prompt", "choose Allow when your browser asks"),
        (("NotAllowedError", "denied by system"), "denied", "the system's privacy settings"),
        (("NotReadableError", "no"), "denied", "in use by another program"),
        (("TypeError", "no"), "denied", "could not be started"),
        (("NotFoundError", "no"), "denied", "No microphone was found"),
    )
    async with visit(f"{ANSWERS} window.answer = ['NotFoundError', 'none'];") as visiting:
        page = visiting.page
        await visiting.open_room()
        await page.wait_for_selector("#microphone-problem:not([hidden])")
        for answer, state, words in troubles:
            await page.evaluate("(to) => { [window.answer, window.permission] = to; }", [answer, state])
            await page.click("#microphone-again")
            await says(visiting, "#microphone-problem p", words)
            assert await visiting.text("#go") == "Join to listen"
        await page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false, configurable: true })")
        await page.click("#microphone-again")
        await says(visiting, "#microphone-problem p", "insecure address")
        assert await page.is_hidden("#microphone-again")
        await page.fill("#name", "Listener")
        me = await visiting.enter()
        await page.wait_for_selector(".person .sign.muted:not([hidden])")
        await until(lambda: me.info.muted)
        # It goes into the m-line that was kept for it: nothing is negotiated again.
        await page.evaluate("void (window.answer = null, delete window.isSecureContext)")
        await page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true })")
        await page.click("#mute")
        await until(lambda: not me.info.muted)
        await says(visiting, "#mute", "Mute")


async def test_a_silent_microphone_is_told(visit: Visiting) -> None:
    """And one that is plugged in where there was none is used: nobody presses anything."""
    async with visit(f"{ANSWERS} window.answer = 'silence';") as visiting:
        await visiting.open_room()
        await says(visiting, "#microphone-problem", "Your microphone is silent: is it muted, or the wrong one?")
        assert await visiting.page.is_visible("#microphone")
        assert await visiting.text("#go") == "Join"
        await visiting.page.evaluate("void (window.answer = ['NotFoundError', 'none'])")
        await visiting.page.dispatch_event("#microphone", "change")
        await says(visiting, "#microphone-problem", "No microphone was found")
        await visiting.page.evaluate("void (window.answer = null)")
        await visiting.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        await says(visiting, "#microphone-state", "We hear you")
        assert await visiting.page.is_hidden("#microphone-problem")


async def test_joining_muted_and_joining_to_listen(visit: Visiting) -> None:
    """With the microphone off nothing is heard until it is on. Who only listens is asked for none, next time either."""
    async with visit(ANSWERS) as visiting:
        page = visiting.page
        await visiting.open_room()
        await page.fill("#name", "Bea")
        await page.wait_for_selector("#microphone option", state="attached")
        await page.click("#microphone-mode label:has([value=off])")
        await says(visiting, "#microphone-state", "the microphone off")
        me = await visiting.enter()
        await until(lambda: me.info.muted)
        assert await visiting.text("#mute span") == "Unmute"
        await page.click("#mute")
        await until(lambda: not me.info.muted)
        await visiting.open_room()
        assert await page.is_checked("[name=microphone-mode][value=off]")
        await page.click("#microphone-mode label:has([value=none])")
        await says(visiting, "#microphone-state", "without a microphone")
        await visiting.open_room()
        await says(visiting, "#go", "Join to listen")
        me = await visiting.enter()
        await until(lambda: me.info.muted)
        assert await page.evaluate("window.asked.length") == 0
        await page.click("#mute")
        await until(lambda: not me.info.muted)


async def test_what_is_missing_or_refused_is_told_in_the_form(visit: Visiting) -> None:
    """A name, or one that the door does not take; a server that is away. Consent is asked for each time."""
    away = True

    async def with_own_voice(route: Route) -> None:
        if away:
            await route.abort()
            return
        answer = await (await route.fetch()).json()
        await route.fulfill(json=answer | {"own_voice": True})

    haste = "const every = setInterval; window.setInterval = (action, ms) => every(action, ms / 25);"
    async with visit(haste) as visiting:
        page = visiting.page
        await page.route("**/api/v1/languages", with_own_voice)
        await visiting.open_room()
        await says(visiting, "#server-problem", "The server does not answer")
        away = False
        await known(visiting)
        assert await page.is_hidden("#server-problem")
        await page.fill("#name", "   ")
        await page.click("#go")
        assert "type your name" in await visiting.text("#name-problem")
        assert await page.evaluate("document.activeElement.id") == "name"
        assert visiting.door.rooms.get("demo") is None
        # Invisible characters pass the form and not the door; the next try works.
        await page.fill("#name", "\u2066\u2069")
        await page.click("#go")
        await says(visiting, "#join-problem", "visible character")
        await page.route("**/api/v1/dev-token", lambda route: route.abort())
        await page.fill("#name", "Ada")
        await page.click("#go")
        await says(visiting, "#join-problem", "The server cannot be reached")
        await page.unroute("**/api/v1/dev-token")
        assert await page.is_visible("#consent")
        assert not await page.is_checked("#own-voice")
        await page.check("#own-voice")
        me = await visiting.enter()
        await until(lambda: me.own_voice)
        await visiting.open_room()
        await known(visiting)
        assert not await page.is_checked("#own-voice")
        visiting.complaints.clear()  # of requests that failed


async def test_an_invitation_says_who_comes(visit: Visiting) -> None:
    """Their name and languages. Who may only listen is asked for no microphone; what is wrong is told at once."""
    async with visit(ANSWERS) as visiting:
        page = visiting.page
        grant: dict[str, Any] = {
            "publish": False, "role": "listener", "name": "Léa", "languages": frozenset({"fr", "en"}),
            "listening_language": "fr",
        }  # fmt: skip
        token = visiting.door.token("demo", "lea", **grant)
        await visiting.open_room(f"?token={token}")
        await known(visiting)
        assert await page.input_value("#name") == "Léa"
        assert not await page.is_editable("#name")
        assert await visiting.text("#join-role") == "You come to listen"
        assert await page.is_hidden("#speak-field")
        assert await page.is_hidden("#microphone-mode")
        assert await options(visiting, "#hear") == ["en", "fr"]
        assert await page.input_value("#hear") == "fr"
        assert await visiting.text("#go") == "Join to listen"
        me = await visiting.enter()
        assert (me.info.name, me.info.role, me.info.listening_language) == ("Léa", "listener", "fr")
        assert await page.evaluate("window.asked.length") == 0
        await visiting.open_room(f"?token={token.rpartition('.')[0]}")
        await says(visiting, "#join-notice", "not whole")
        await page.fill("#name", "Léa")
        await page.click("#go")
        await says(visiting, "#join-problem", "Ask whoever sent it for a new one")
        await visiting.open_room(f"?token={visiting.door.token('other-room', 'lea', **grant)}")
        await says(visiting, "#join-notice a", "Go to other-room")
