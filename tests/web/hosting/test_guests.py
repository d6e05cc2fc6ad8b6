"""What hosts do, as it looks on the page of those to whom they do it."""

import pytest

from signaling.hosting.hosts import Hosts
from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


def hosts(visiting: Visit) -> Hosts:
    return visiting.door.door.hosts


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
