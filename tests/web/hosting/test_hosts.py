"""What hosts see and do: who waits, how the room is set, who is here, and the end."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from media_server.events import ParticipantInfo
from tests.fakes.rooms import FakeParticipant
from tests.support.until import until
from tests.web.conftest import Visit, Visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

GUESTS = "[...document.querySelectorAll('.guest b')].map((name) => name.textContent).join()"
NOTICES = "document.getElementById('notices').textContent"


@contextlib.asynccontextmanager
async def knocking(visiting: Visit, participant_id: str, name: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Be somebody who asks to come in, without a browser."""
    url = f"{visiting.door.url}/ws/signaling/demo?token={visiting.door.token('demo', participant_id)}"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        await socket.send_json(
            {"type": "join", "name": name, "speaking_language": "fr", "listening_language": "en", "captions": False}
        )
        yield socket


async def open_as_host(visiting: Visit) -> FakeParticipant:
    """Come in as the first, as whoever starts a new room does."""
    await visiting.open_room("?host=1")
    await visiting.page.fill("#name", "Hana")
    return await visiting.enter()


def here(visiting: Visit, participant_id: str) -> ParticipantInfo | None:
    found = visiting.room.participants.get(participant_id)
    return None if found is None else found.info


async def test_a_host_rules_the_lobby(visit: Visiting) -> None:
    """Who knocks is told, quietly; they are let in or turned away from the notice and from the panel."""
    async with visit() as visiting:
        await open_as_host(visiting)
        visiting.add("ann", "Ann")
        page, states = visiting.page, visiting.door.door.states
        await page.keyboard.press("p")
        await page.wait_for_selector("#hosting:not([hidden])")
        await page.click("#lobby-on")
        await until(lambda: states.of("demo").lobby)
        await page.wait_for_selector("#has-lobby:not([hidden])")
        await page.keyboard.press("Escape")
        await page.wait_for_selector("#hosting", state="hidden")
        assert await page.evaluate("document.activeElement.id") == "toggle-hosting"
        async with knocking(visiting, "zoe", "Zoë"), knocking(visiting, "bob", "Bob"), knocking(visiting, "cem", "Cem"):
            await visiting.eventually(f"{NOTICES}.includes('3 people wait')")
            assert await visiting.text("#toggle-hosting .badge") == "3"
            await page.click("#notices .act")
            await visiting.eventually(f"{GUESTS}.split(',').length === 3")
            assert "Speaks French · Hears English · just now" in await visiting.text(".guest[data-id=zoe]")
            await page.click(".guest[data-id=bob] button >> nth=0")
            await visiting.eventually(f"!{GUESTS}.includes('Bob')")
            assert here(visiting, "bob") is None
            states.change("demo", max_participants=1)
            await page.click(".guest[data-id=zoe] .primary")
            await visiting.eventually(f"{NOTICES}.includes('The room is full: Zoë waits')")
            states.change("demo", max_participants=None)
            await page.click("#admit-all")
            await until(lambda: here(visiting, "zoe") is not None and here(visiting, "cem") is not None)
            await page.wait_for_selector(".knocking", state="hidden")
            await page.click("#hosting header button")
            async with knocking(visiting, "dan", "Dan"):
                await visiting.eventually(f"{NOTICES}.includes('Dan wants to come in')")
                await page.click("#notices .notice:has-text('Dan') .act")
                await until(lambda: here(visiting, "dan") is not None)
                await page.wait_for_selector("#toggle-hosting .badge", state="hidden")


async def test_a_host_rules_the_room(visit: Visiting) -> None:
    """Mute, remove after a question, let back in, lock, and end it for everybody."""
    async with visit() as visiting:
        await open_as_host(visiting)
        page, states = visiting.page, visiting.door.door.states
        async with knocking(visiting, "zoe", "Zoë") as zoe:
            await until(lambda: here(visiting, "zoe") is not None)
            await page.click("#toggle-hosting")
            await page.click(".member[data-id=zoe] .mute")
            await until(lambda: here(visiting, "zoe").muted)  # type: ignore[union-attr]
            await page.wait_for_selector(".member[data-id=zoe] .mute:disabled")
            await page.click(".member[data-id=zoe] .remove")
            assert await visiting.text("#confirm-title") == "Remove Zoë?"
            await page.keyboard.press("Escape")
            await page.wait_for_selector("#confirm", state="hidden")
            assert here(visiting, "zoe") is not None
            await page.click(".member[data-id=zoe] .remove")
            await page.click("#confirm-yes")
            await until(lambda: states.of("demo").removed == {"zoe"})
            await page.click(".removed .member[data-id=zoe] button")
            await until(lambda: states.of("demo").removed == frozenset())
            await page.wait_for_selector(".removed", state="hidden")
            await until(lambda: here(visiting, "zoe") is None)
            await zoe.close()
        await page.click("#room-locked")
        await page.wait_for_selector("#is-locked:not([hidden])")
        await until(lambda: states.of("demo").locked)
        await page.click("#end-room")
        await page.click("#confirm-yes")
        await page.wait_for_selector("#ended:not([hidden])")
        assert await visiting.text("#ended-title") == "This room has ended"
        states.forget("demo")


async def test_who_is_no_host_sees_how_the_room_is_set(visit: Visiting) -> None:
    """Nothing to rule it by, nobody's requests, and no panel by its key."""
    async with visit() as visiting:
        await visiting.join()
        visiting.door.door.hosts.set_lobby("demo", True)
        await visiting.page.wait_for_selector("#has-lobby:not([hidden])")
        visiting.door.door.hosts.lock("demo", True)
        await visiting.page.wait_for_selector("#is-locked:not([hidden])")
        async with knocking(visiting, "zoe", "Zoë"):
            await visiting.page.keyboard.press("p")
            assert not await visiting.page.is_visible("#toggle-hosting")
            assert not await visiting.page.is_visible("#hosting")
        visiting.door.door.states.forget("demo")
