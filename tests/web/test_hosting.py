"""What hosts do, as it looks on the page of those to whom they do it."""

import pytest

from signaling.hosting.hosts import Hosts
from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = "document.getElementById('notices').innerText.includes('You are in the lobby')"


def hosts(visiting: Visit) -> Hosts:
    return visiting.door.door.hosts


async def ask(visiting: Visit) -> str:
    """Fill in the form and ask to come in. Gives the id under which the page waits."""
    await visiting.open_room()
    await visiting.page.fill("#name", "Zoë")
    await visiting.page.click("#go")
    lobby = visiting.door.door.lobby
    await until(lambda: bool(lobby.waiting("demo")))
    return lobby.waiting("demo")[0].participant_id


async def test_who_waits_is_told_and_comes_in(visit: Visiting) -> None:
    """In words, until a host lets them in; then it is a call like any other."""
    async with visit() as visiting:
        hosts(visiting).set_lobby("demo", True)
        me = await ask(visiting)
        await visiting.eventually(WORDS)
        hosts(visiting).admit("demo", me)
        await visiting.page.wait_for_selector("#call:not([hidden])")
        await visiting.eventually("document.documentElement.dataset.connection === 'connected'")
        assert not await visiting.page.evaluate(WORDS)
        assert visiting.room.participants[me].info.name == "Zoë"


async def test_who_is_denied_reads_why(visit: Visiting) -> None:
    """Beside the form, with which they may ask again."""
    async with visit() as visiting:
        hosts(visiting).set_lobby("demo", True)
        hosts(visiting).deny("demo", await ask(visiting))
        await visiting.page.wait_for_selector("#join-problem:not([hidden])")
        assert (await visiting.text("#join-problem")).startswith("You were not let in.")
        assert not await visiting.page.evaluate(WORDS)
        assert await visiting.page.is_enabled("#go")


async def test_the_end_of_a_room_ends_the_call(visit: Visiting) -> None:
    """It says so, and does not look for another way in."""
    async with visit() as visiting:
        await visiting.join()
        hosts(visiting).end("demo")
        await visiting.page.wait_for_selector("#ended:not([hidden])")
        assert await visiting.text("#ended-title") == "This room has ended"


async def test_a_microphone_that_a_host_switched_off_is_off(visit: Visiting) -> None:
    """The button shows it; it stays so over a lost link, until it is switched on here."""
    async with visit() as visiting:
        me = await visiting.join()
        hosts(visiting).mute("demo", me.info.participant_id)
        await visiting.eventually("document.getElementById('mute').innerText.trim() === 'Unmute'")
        (presence,) = visiting.door.door.presences.values()
        session = presence.session
        assert session is not None
        session._abort()
        await until(lambda: len(me.returns) == 1)
        await visiting.eventually("document.documentElement.dataset.link === 'open'")
        assert me.info.muted
        await visiting.page.click("#mute")
        await until(lambda: not me.info.muted)


async def test_a_listener_is_not_heard_and_knows(visit: Visiting) -> None:
    """The microphone is off, and stays so with words when it is switched on."""
    async with visit() as visiting:
        token = visiting.door.token("demo", "lea", publish=False, role="listener")
        await visiting.open_room(f"?token={token}")
        await visiting.page.fill("#name", "Lea")
        me = await visiting.enter()
        assert me.info.muted
        await visiting.page.click("#mute")
        await visiting.eventually("document.getElementById('notices').innerText.includes('here to listen')")
        assert await visiting.text("#mute") == "Unmute"
        assert me.info.muted
