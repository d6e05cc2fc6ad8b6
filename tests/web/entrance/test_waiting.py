"""The lobby: who waits is told so, may change their mind, and comes in by themselves."""

import asyncio

import pytest

from signaling.hosting.hosts import Hosts
from signaling.protocol import Close
from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


def hosts(visiting: Visit) -> Hosts:
    return visiting.door.door.hosts


async def ask(visiting: Visit) -> str:
    """Ask to come in, by the form as it stands. Gives the id under which the page waits."""
    await visiting.page.click("#go")
    await visiting.page.wait_for_selector("#waiting:not([hidden])")
    lobby = visiting.door.door.lobby
    await until(lambda: bool(lobby.waiting("demo")))
    return lobby.waiting("demo")[0].participant_id


async def test_who_waits_is_told_and_comes_in(visit: Visiting) -> None:
    """Languages can be changed meanwhile, a lost socket is replaced, and the call begins as with any other."""
    async with visit() as visiting:
        page, lobby = visiting.page, visiting.door.door.lobby
        hosts(visiting).set_lobby("demo", True)
        await visiting.open_room()
        await page.fill("#name", "Zoë")
        await page.wait_for_selector("#microphone option", state="attached")
        me = await ask(visiting)
        assert await page.is_hidden("#join")
        assert await visiting.text("#waiting-title") == "You are in the lobby"
        assert await visiting.text("#waiting-name") == "You come in as Zoë"
        assert "will be on" in await visiting.text("#waiting-microphone")
        assert (await page.title()).startswith("Waiting")
        assert await page.evaluate("document.activeElement.id") == "waiting-title"
        await page.select_option("#waiting-hear", "fr")
        await until(lambda: lobby.waiting("demo")[0].listening_language == "fr")
        await page.route("**/healthz", lambda route: route.abort())
        await asyncio.gather(*(socket.close(code=Close.FAILED) for socket in list(visiting.door.door.sockets)))
        await page.wait_for_selector("#lost:not([hidden])")
        await page.unroute("**/healthz")
        await page.click("#lost button")
        await page.wait_for_selector("html[data-link=waiting]", state="attached")
        await until(lambda: bool(lobby.waiting("demo")))
        assert await page.input_value("#waiting-hear") == "fr"
        hosts(visiting).admit("demo", me)
        await page.wait_for_selector("#call:not([hidden])")
        await visiting.eventually("document.documentElement.dataset.connection === 'connected'")
        assert await page.is_hidden("#waiting")
        inside = visiting.room.participants[me].info
        assert (inside.name, inside.listening_language, inside.muted) == ("Zoë", "fr", False)
        assert await page.title() == "demo · Parley"
        visiting.complaints.clear()  # of requests that failed


async def test_who_is_not_let_in_reads_why(visit: Visiting) -> None:
    """Back in the form, from which they may ask again; who leaves by themselves needs no words."""
    async with visit() as visiting:
        page = visiting.page
        hosts(visiting).set_lobby("demo", True)
        await visiting.open_room()
        await page.fill("#name", "Zoë")
        await page.select_option("#hear", "es")
        hosts(visiting).deny("demo", await ask(visiting))
        await page.wait_for_selector("#join-problem:not([hidden])")
        assert (await visiting.text("#join-problem")).startswith("You were not let in. ")
        assert await page.is_hidden("#waiting")
        await ask(visiting)
        await page.select_option("#waiting-hear", "fr")
        await page.click("#waiting-leave")
        await page.wait_for_selector("#join:not([hidden])")
        assert await page.is_hidden("#join-problem")
        assert await page.input_value("#hear") == "fr"
        await until(lambda: not visiting.door.door.lobby.waiting("demo"))
        await ask(visiting)
        hosts(visiting).end("demo")
        await page.wait_for_selector("#join-problem:not([hidden])")
        assert (await visiting.text("#join-problem")).startswith("This room has ended. ")
        assert await page.is_enabled("#go")
