"""What the page's tests work with: the door with real connections behind fake rooms, and one Chromium for all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from media_server.close_reason import CloseReason
from media_server.events import Event
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from tests.fakes.door import ServedDoor, served_door
from tests.fakes.rooms import FakeParticipant, FakeRoom
from tests.support.chromium import launch, playwright
from tests.support.until import until
from tests.support.windows import Windows


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Give a Chromium whose microphone beeps."""
    async with playwright() as driver:
        chromium = await launch(driver)
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    """Give the windows of that Chromium."""
    return Windows(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def door() -> AsyncIterator[ServedDoor]:
    """Give a door; offers get real answers."""
    async with (
        RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint,
        served_door(new_peer=endpoint.new_peer) as served,
    ):
        yield served


@dataclass
class Visit:
    """One page in a window of its own, and what its console complained of."""

    page: Page
    door: ServedDoor
    complaints: list[str]

    async def open_room(self, query: str = "") -> None:
        """Open the room's page and wait for the form."""
        await self.page.goto(f"{self.door.url}/r/demo{query}")
        await self.page.wait_for_selector("#join:not([hidden])")

    async def join(self, name: str = "Bea", speaks: str = "es", hears: str = "es") -> FakeParticipant:
        """Fill in the form and go in. Gives the participant behind the page."""
        await self.open_room()
        await self.page.fill("#name", name)
        await self.page.select_option("#speak", speaks)
        await self.page.select_option("#hear", hears)
        return await self.enter()

    async def enter(self) -> FakeParticipant:
        """Press the button and wait to be inside."""
        before = set(self.room.participants)
        await self.page.click("#go")
        await self.page.wait_for_selector("#call:not([hidden])")
        # Only then: a connection that is closed while it is being made takes its time to be gone.
        await self.eventually("document.documentElement.dataset.connection === 'connected'")
        (mine,) = set(self.room.participants) - before
        return self.room.participants[mine]

    @property
    def room(self) -> FakeRoom:
        return self.door.rooms.open("demo")

    def add(self, participant_id: str, name: str, speaks: str = "en", hears: str = "en") -> FakeParticipant:
        """Put somebody without a browser into the room."""
        return self.room.add(participant_id, name, speaks, hears)

    async def text(self, selector: str) -> str:
        return (await self.page.inner_text(selector)).strip()

    async def eventually(self, script: str) -> None:
        """Wait until a script in the page gives something true.

        Asked from outside: Playwright's own waiting evaluates in the page, which the page's policy forbids.
        """
        async with asyncio.timeout(40):
            while not await self.page.evaluate(script):  # noqa: ASYNC110 - the page does not call us
                await asyncio.sleep(0.02)


Visiting = Callable[..., AbstractAsyncContextManager[Visit]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(windows: Windows, door: ServedDoor) -> Visiting:
    """Give a function that opens a window; nothing may complain in it."""

    @contextlib.asynccontextmanager
    async def visiting(script: str = "", **context: Any) -> AsyncIterator[Visit]:
        complaints: list[str] = []
        async with windows.open(**{"locale": "en-US", **context}) as page:
            page.set_default_timeout(40_000)
            if script:
                await page.add_init_script(script)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
            yield Visit(page, door, complaints)
        room = door.rooms.get("demo")
        for participant in list(room.participants.values()) if room else []:
            if "p-" not in participant.info.participant_id:
                await participant.leave()
        # Those whose sockets a test closed, and whose pages did not come back.
        for presence in [each for each in door.door.presences.values() if each.session is None]:
            await presence.leave(CloseReason.GONE)
        await until(lambda: door.rooms.get("demo") is None)
        assert complaints == []

    return visiting


def tell(participant: FakeParticipant, *events: Event) -> None:
    """Say something to one page."""
    for event in events:
        participant.events(event)
