"""In the room: the connection, controls, notices, the end."""

import asyncio

import pytest

from media_server.events import Notice
from signaling.identity.tokens import Tokens
from signaling.protocol import Close
from tests.fakes.said import transcript
from tests.support.until import until
from tests.web.conftest import Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_one_offer_makes_the_connection(visit: Visiting) -> None:
    """A microphone and eight slots, answered by the real thing, and the browser is connected."""
    async with visit() as visiting:
        me = await visiting.join()
        assert [kind for _, kind in me.slots] == ["floor"] * 4 + ["voice"] * 4
        playing = "[...document.querySelectorAll('audio')].filter((audio) => !audio.paused).length === 8"
        await visiting.eventually(playing)
        assert me.candidates


async def test_muting(visit: Visiting) -> None:
    """The track is off and everybody is told; once more, and it is on."""
    async with visit() as visiting:
        me = await visiting.join()
        await visiting.page.click("#mute")
        await until(lambda: me.info.muted)
        assert await visiting.text("#mute span") == "Unmute"
        await visiting.page.click("#mute")
        await until(lambda: not me.info.muted)
        assert await visiting.text("#mute span") == "Mute"


async def test_changing_languages_in_the_call(visit: Visiting) -> None:
    """Saving changes them, cancelling and Escape do not."""
    async with visit() as visiting:
        me = await visiting.join("Bea", "es", "es")
        await visiting.page.click("#languages")
        await visiting.page.select_option("#change-hear", "fr")
        await visiting.page.keyboard.press("Escape")
        await visiting.page.click("#languages")
        assert await visiting.page.input_value("#change-hear") == "es"
        await visiting.page.select_option("#change-hear", "en")
        await visiting.page.click("#change [value=save]")
        await until(lambda: me.info.listening_language == "en")
        await visiting.eventually("document.querySelector('.is-me .hears').textContent === 'Hears English'")


async def test_notices_are_read_out(visit: Visiting) -> None:
    """In the page's words where it has some, else in the server's; one text once; dismissed by its button."""
    async with visit() as visiting:
        me = await visiting.join()
        visiting.add("anna", "Anna")
        notice = Notice(code="translation_paused", text="x", speaker_id="anna")
        tell(me, notice, notice, Notice(code="new_one", text="Something else."))
        await visiting.eventually("document.querySelectorAll('#notices .notice').length === 2")
        words = await visiting.text("#notices")
        assert "The translation of Anna has stopped" in words
        assert "Something else." in words
        assert await visiting.page.get_attribute("#notices", "role") == "status"
        await visiting.page.click("#notices button >> nth=0")
        await visiting.eventually("document.querySelectorAll('#notices .notice').length === 1")


async def test_an_engine_that_stands_in_is_told_for_as_long_as_it_does(visit: Visiting) -> None:
    """In the page's words, with the languages' names; the notice goes when the usual engine is back."""
    async with visit() as visiting:
        me = await visiting.join()
        await visiting.page.clock.install()
        about = {"stage": "translation", "languages": ("en", "es"), "text": "x"}
        changed = Notice(code="engine_changed", **about)  # type: ignore[arg-type]
        tell(me, changed, changed, Notice(code="engine_changed", stage="synthesis", languages=("es",), text="x"))
        await visiting.eventually("document.querySelectorAll('#notices .notice').length === 2")
        await visiting.page.clock.run_for(30_000)
        words = await visiting.text("#notices")
        assert "Another engine than usual translates English into Spanish for now" in words
        assert "Another engine than usual speaks Spanish for now" in words
        tell(me, Notice(code="engine_restored", **about))  # type: ignore[arg-type]
        await visiting.eventually(
            "document.querySelector('#notices').textContent.includes('translates English into Spanish again')"
        )
        assert "translates English into Spanish for now" not in await visiting.text("#notices")


async def test_that_nobody_is_translated_is_told_for_as_long_as_it_is_so(visit: Visiting) -> None:
    """Other notices go by themselves; this one goes when the translation is back, or whom it is about has left."""
    async with visit() as visiting:
        me = await visiting.join()
        visiting.add("anna", "Anna")
        carl = visiting.add("carl", "Carl")
        # The page's clock is ours from here on.
        await visiting.page.clock.install()
        paused = [Notice(code="translation_paused", text="x", speaker_id=name) for name in ("anna", "carl")]
        tell(me, *paused, Notice(code="new_one", text="Something else."))
        await visiting.eventually("document.querySelectorAll('#notices .notice').length === 3")
        await visiting.page.clock.run_for(30_000)
        await visiting.eventually("document.querySelectorAll('#notices .notice').length === 2")
        tell(me, Notice(code="translation_resumed", text="x", speaker_id="anna"))
        await visiting.eventually("document.querySelector('#notices').textContent.includes('Anna is translated again')")
        assert "translation of Anna" not in await visiting.text("#notices")
        await carl.leave()
        await visiting.eventually("!document.querySelector('#notices').textContent.includes('Carl')")


async def test_leaving_and_coming_back(visit: Visiting) -> None:
    """Goodbye, the microphone is given back, and the way back in is one press: as the same participant."""
    async with visit() as visiting:
        me = await visiting.join()
        await visiting.page.click("#leave")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        assert await visiting.text("#ended-title") == "You left the room"
        await until(lambda: me.left == "left")
        await visiting.page.click("#rejoin")
        await visiting.page.wait_for_selector("#call:not([hidden])")
        (again,) = visiting.room.participants
        assert again == me.info.participant_id
        await visiting.eventually("document.documentElement.dataset.connection === 'connected'")


async def test_a_failed_return_gives_the_microphone_back(visit: Visiting) -> None:
    """However often the button is pressed."""
    script = """
    window.opened = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      window.opened.push(...stream.getTracks());
      return stream;
    };
    """
    async with visit(script) as visiting:
        await visiting.open_room()
        await visiting.eventually("window.opened.length === 1")
        await visiting.page.fill("#name", "Bea")
        await visiting.enter()
        await visiting.page.click("#leave")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        await visiting.page.route("**/api/v1/dev-token", lambda route: route.abort())
        visiting.door.door.tokens = Tokens(visiting.door.door.settings)
        for number in (2, 3):
            await visiting.page.click("#rejoin")
            await visiting.eventually(f"window.opened.length === {number}")
            await visiting.eventually("!document.getElementById('rejoin').disabled")
            assert await visiting.page.evaluate("window.opened.every((track) => track.readyState === 'ended')")
        assert "cannot be reached" in await visiting.text("#notices")
        visiting.complaints.clear()  # of requests that failed


async def test_a_browser_without_connections_still_has_captions(visit: Visiting) -> None:
    """A policy or an extension forbids them: the page goes in, says that there is no sound, and keeps saying it."""
    script = "window.RTCPeerConnection = function () { throw new DOMException('forbidden', 'NotAllowedError'); };"
    async with visit(script) as visiting:
        await visiting.open_room()
        await visiting.page.fill("#name", "Bea")
        await visiting.page.click("#go")
        await visiting.page.wait_for_selector("#call:not([hidden])")
        await visiting.page.wait_for_selector("#notices .notice")
        assert "could not set up the sound connection" in await visiting.text("#notices")
        visiting.door.door.feed.take(transcript("hello", user_id="anna"))
        await visiting.page.wait_for_selector(".line")
        visiting.complaints.clear()  # of what was forbidden


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (Close.REPLACED, "You joined from another window"),
        (Close.TOKEN_ENDED, "Your time in this room is over"),
        (Close.POLICY, "The server closed the connection"),
    ],
)
async def test_every_end_is_told_in_words(visit: Visiting, code: Close, words: str) -> None:
    """By the socket's close code."""
    async with visit() as visiting:
        await visiting.join()
        await asyncio.gather(*(socket.close(code=code) for socket in visiting.door.door.sockets))
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        assert await visiting.text("#ended-title") == words


@pytest.mark.parametrize("presses", [15, 16])
async def test_the_last_press_counts_however_many_there_were(visit: Visiting, presses: int) -> None:
    """A mute that the server refused, since there were too many, is told again."""
    async with visit() as there:
        me = await there.join()
        await there.page.evaluate(f"for (let i = 0; i < {presses}; i += 1) document.querySelector('#mute').click()")
        await asyncio.sleep(2.5)
        assert me.info.muted == (presses % 2 == 1)
