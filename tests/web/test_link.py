"""The way to the server, and what the page does when it is lost. (Over a network: journeys/test_reconnection.)"""

import asyncio

import pytest

from media_server.events import Notice, SlotChanged
from signaling.identity.tokens import Tokens
from signaling.protocol import Close
from tests.fakes.rooms import FakeParticipant
from tests.fakes.said import transcript, translation
from tests.support.until import until
from tests.web.conftest import Visit, Visiting, tell

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONNECTED = "document.documentElement.dataset.connection === 'connected'"
OPEN = "document.documentElement.dataset.link === 'open'"


async def cut(visiting: Visit, code: Close = Close.FAILED) -> None:
    """Close everybody's sockets."""
    await asyncio.gather(*(socket.close(code=code) for socket in list(visiting.door.door.sockets)))


async def back(visiting: Visit, me: FakeParticipant) -> None:
    """Wait until somebody's page has come back."""
    await until(lambda: bool(me.returns) and not me.info.away)
    await visiting.eventually(OPEN)


@pytest.mark.parametrize("code", [Close.GOING_AWAY, Close.FAILED, Close.TOO_SLOW])
async def test_a_lost_socket_is_replaced(visit: Visiting, code: Close) -> None:
    """Nobody presses anything: the same participant, the same page, the same connection for sound."""
    async with visit() as visiting:
        me = await visiting.join()
        peer = me.peer
        await cut(visiting, code)
        await back(visiting, me)
        assert list(visiting.room.participants.values()) == [me]
        assert me.returns == [True]
        assert me.peer is peer
        assert await visiting.page.is_hidden("#lost")
        assert await visiting.page.is_visible("#call")


async def test_what_was_missed_is_caught_up_with(visit: Visiting) -> None:
    """Captions stand once each and in order, overtaken ones go; people and slots are those of now."""
    async with visit() as visiting:
        me = await visiting.join("Bea", "es", "es")
        anna, carl = visiting.add("anna", "Anna"), visiting.add("carl", "Carl")
        feed = visiting.door.door.feed
        tell(me, SlotChanged(mid="1", kind="floor", speaker_id="carl"))
        feed.take(translation("uno", "one"))
        feed.take(translation("do", "tw", clause=1, final=False))
        feed.take(translation("ovni", "ufo", utterance="u2", final=False))
        await visiting.eventually("document.querySelectorAll('.line').length === 3")
        await visiting.page.route("**/healthz", lambda route: route.abort())
        await cut(visiting)
        await visiting.page.wait_for_selector("#lost:not([hidden])")
        feed.take(translation("dos", "two", clause=1))
        feed.take(translation("tres", "three", utterance="u3"))
        anna.set_muted(True)
        await carl.leave()
        me.present = [SlotChanged(mid="2", kind="floor", speaker_id="anna")]
        await visiting.page.unroute("**/healthz")
        await visiting.page.click("#lost button")
        await back(visiting, me)
        await visiting.page.wait_for_selector("[data-participant=anna] .sign.muted:not([hidden])")
        assert await visiting.page.locator("[data-participant=carl]").count() == 0
        kinds = "[1, 2].map((mid) => document.querySelector(`audio[data-mid='${mid}']`).dataset.kind).join()"
        assert await visiting.page.evaluate(kinds) == "none,floor"
        await visiting.eventually("document.querySelectorAll('.line').length === 4")
        texts = "[...document.querySelectorAll('.line .text')].map((p) => p.textContent).join()"
        assert await visiting.page.evaluate(texts) == "uno,dos,ovni,tres"
        async with asyncio.timeout(8):
            await visiting.page.wait_for_selector("text=ovni", state="detached")
        visiting.complaints.clear()  # of requests that failed


async def test_what_i_chose_survives(visit: Visiting) -> None:
    """The microphone's switch, the original, and languages asked for while nobody listened."""
    async with visit() as visiting:
        me = await visiting.join("Bea", "es", "es")
        await visiting.page.click("#balance")
        await visiting.page.locator("#balance-slider").fill("85")
        await visiting.page.keyboard.press("Escape")
        await until(lambda: me.original == "low")
        await visiting.page.route("**/healthz", lambda route: route.abort())
        await cut(visiting)
        await visiting.page.wait_for_selector("#lost:not([hidden])")
        await visiting.page.click("#mute")
        await visiting.page.click("#languages")
        await visiting.page.select_option("#change-hear", "en")
        await visiting.page.click("#change [value=save]")
        await visiting.page.unroute("**/healthz")
        await back(visiting, me)
        await until(lambda: me.info.muted and me.info.listening_language == "en")
        assert (me.info.speaking_language, me.original) == ("es", "low")
        visiting.complaints.clear()  # of requests that failed


async def test_others_see_who_is_away(visit: Visiting) -> None:
    """A sign in place of the microphone's."""
    async with visit() as visiting:
        await visiting.join()
        anna = visiting.add("anna", "Anna")
        anna.set_muted(True)
        anna.set_away()
        await visiting.page.wait_for_selector("[data-participant=anna].is-away .sign.away:not([hidden])")
        assert await visiting.page.is_hidden("[data-participant=anna] .sign.muted")


async def test_coming_back_to_a_server_that_started_anew(visit: Visiting) -> None:
    """It does not know the resume token any more: a new one is fetched, and nobody presses anything."""
    async with visit() as visiting:
        me = await visiting.join()
        door = visiting.door.door
        door.tokens = Tokens(door.settings)
        await cut(visiting, Close.GOING_AWAY)
        await me.leave()
        await until(lambda: bool(visiting.door.rooms.get("demo")))
        await visiting.eventually(OPEN)
        await visiting.eventually(CONNECTED)
        (again,) = visiting.room.participants.values()
        assert again.info.participant_id != me.info.participant_id
        assert again.info.name == me.info.name
        assert await visiting.page.locator(".person").count() == 1


async def test_a_server_that_says_no_is_the_end(visit: Visiting) -> None:
    """Neither the resume token nor an ordinary one will do."""
    async with visit() as visiting:
        await visiting.join()
        door = visiting.door.door
        door.tokens = Tokens(door.settings)
        await visiting.page.route("**/api/v1/dev-token", lambda route: route.fulfill(status=403, body="{}"))
        await cut(visiting)
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        assert await visiting.text("#ended-title") == "This invitation is not valid any more"
        visiting.complaints.clear()  # of the request that failed


async def test_a_server_that_is_away_is_waited_for(visit: Visiting) -> None:
    """The page says so, offers not to wait, and lets me leave."""
    async with visit() as visiting:
        me = await visiting.join()
        await visiting.page.route("**/healthz", lambda route: route.abort())
        await cut(visiting, Close.GOING_AWAY)
        await visiting.page.wait_for_selector("#lost:not([hidden]) button:not([hidden])")
        assert "The server is restarting" in await visiting.text("#lost p")
        assert await visiting.page.get_attribute("#lost", "role") == "alert"
        await visiting.page.click("#leave")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        assert await visiting.text("#ended-title") == "You left the room"
        await me.leave()
        visiting.complaints.clear()  # of requests that failed


async def test_sound_that_is_lost_is_set_up_anew(visit: Visiting) -> None:
    """The server says so: another offer on the same socket, and every slot plays again."""
    async with visit() as visiting:
        me = await visiting.join()
        peer = me.peer
        tell(me, Notice(code="media_lost", text="x"))
        await until(lambda: me.peer is not peer)
        await visiting.eventually(CONNECTED)
        await visiting.eventually("document.getElementById('lost').hidden")
        playing = "[...document.querySelectorAll('audio')].filter((audio) => !audio.paused).length === 8"
        await visiting.eventually(playing)
        assert me.returns == []


async def test_a_notice_in_force_is_not_shown_again(visit: Visiting) -> None:
    """Who was told of it before the loss knows it; what is new is shown."""
    async with visit() as visiting:
        me = await visiting.join()
        visiting.add("anna", "Anna")
        paused = Notice(code="translation_paused", text="x", speaker_id="anna")
        tell(me, paused)
        await visiting.page.click("#notices button")
        me.present = [paused, Notice(code="translation_paused", text="x", speaker_id="carl")]
        await cut(visiting)
        await back(visiting, me)
        await visiting.page.wait_for_selector("#notices .notice")
        assert await visiting.page.locator("#notices .notice").count() == 1
        assert "Somebody who left" in await visiting.text("#notices")


async def test_closing_the_page_says_goodbye(visit: Visiting) -> None:
    """The others need not wait for it to come back."""
    async with visit() as visiting:
        me = await visiting.join()
        visiting.door.door.feed.take(transcript("bye"))
        await visiting.page.goto("about:blank")
        await until(lambda: me.left == "left")


async def test_a_new_tab_replaces_the_old_one(visit: Visiting) -> None:
    """With one invitation in two windows: the first says so and lets go, the second is the same participant."""
    async with visit() as old, visit() as new:
        token = old.door.token("demo", "bea")
        for visiting in (old, new):
            await visiting.open_room(f"?token={token}")
            await visiting.page.fill("#name", "Bea")
            await visiting.page.click("#go")
            await visiting.page.wait_for_selector("#call:not([hidden])")
            await visiting.eventually(CONNECTED)
        await old.page.wait_for_selector("#ended:not([hidden])")
        assert await old.text("#ended-title") == "You joined from another window"
        me = old.room.participants["bea"]
        assert me.returns == [False]
        await me.leave()
        await cut(old, Close.LEFT)
