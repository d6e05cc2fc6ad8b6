"""What brings the page into a state, the same for each browser: few verbs, and waiting for what comes of them."""

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page

from media_server.close_reason import CloseReason
from media_server.events import Event
from signaling.hosting.refusal import Refusal
from signaling.hosting.waiting import Waiting
from tests.fakes.door import ServedDoor
from tests.fakes.rooms import FakeParticipant, FakeRoom
from tests.support.firefox import Firefox
from tests.support.until import until

ROOM = "demo"

# What a page is like that does not do what it should: whether its clock and its painter still run, and what it says.
PULSE = """(async () => {
  const within = (begin) => Promise.race([
    new Promise((done) => begin(() => done('runs'))), new Promise((done) => { setTimeout(done, 2000, 'stands'); })]);
  return JSON.stringify({
    state: { ...document.documentElement.dataset }, seen: document.visibilityState, hasFocus: document.hasFocus(),
    timers: await within((done) => setTimeout(done, 100)), frames: await within(requestAnimationFrame),
    text: document.body.innerText.slice(0, 2000),
  });
})()"""


class Stage(ABC):
    """One window at the page, with the room behind it."""

    def __init__(self, door: ServedDoor, ui: str = "") -> None:
        """`ui` is the page's own language; the browser's, if it is empty."""
        self.door = door
        self._ui = ui

    def address(self, path: str) -> str:
        """Give the whole address of a page of the server; one that is whole stays as it is."""
        if not path.startswith("/"):
            return path
        ui = f"{'&' if '?' in path else '?'}ui={self._ui}" if self._ui else ""
        return f"{self.door.url}{path}{ui}"

    @abstractmethod
    async def open(self, path: str) -> None:
        """Go to a page of the server."""

    @abstractmethod
    async def run(self, script: str) -> Any:
        """Give what an expression comes to in the page."""

    @abstractmethod
    async def click(self, selector: str) -> None:
        """Press what can be pressed."""

    @abstractmethod
    async def press(self, key: str) -> None:
        """Press a key, by its name in the DOM."""

    async def eventually(self, script: str) -> None:
        """Wait until an expression is true in the page.

        Raises:
            TimeoutError: it did not become true in time.
        """
        try:
            async with asyncio.timeout(40):
                while not await self.run(script):  # noqa: ASYNC110 - the page does not call us
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise TimeoutError(f"never came true: {script}\n{await self.run(PULSE)}") from None

    async def shown(self, selector: str) -> None:
        """Wait until something is seen."""
        await self.eventually(f"document.querySelector({json.dumps(selector)})?.checkVisibility() === true")

    async def gone(self, selector: str) -> None:
        """Wait until nothing of the kind is seen."""
        await self.eventually(f"!document.querySelector({json.dumps(selector)})?.checkVisibility()")

    async def put(self, selector: str, value: str) -> None:
        """Have a field say something, as if typed or chosen, once that can be."""
        await self.eventually(
            f"""((field) => {{
              field.value = {json.dumps(value)};
              if (field.value !== {json.dumps(value)}) return false;
              for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{ bubbles: true }}));
              return true;
            }})(document.querySelector({json.dumps(selector)}))"""
        )

    @property
    def room(self) -> FakeRoom:
        return self.door.rooms.open(ROOM)

    def add(self, participant_id: str, name: str, speaks: str = "en", hears: str = "en") -> FakeParticipant:
        """Put somebody without a browser into the room."""
        return self.room.add(participant_id, name, speaks, hears)

    async def join(self, name: str, speaks: str, hears: str, query: str = "") -> FakeParticipant:
        """Fill in the form and go in. Gives the participant behind the page."""
        await self.open(f"/r/{ROOM}{query}")
        await self.shown("#join")
        await self.put("#name", name)
        await self.put("#speak", speaks)
        await self.put("#hear", hears)
        before = set(self.room.participants)
        await self.click("#go")
        await self.shown("#call")
        await self.eventually("document.documentElement.dataset.connection === 'connected'")
        (mine,) = set(self.room.participants) - before
        return self.room.participants[mine]

    async def leave(self) -> None:
        """Go away from the page, and have everybody leave the room."""
        await self.open("about:blank")
        for room in list(self.door.rooms):
            for participant in list(room.participants.values()):
                await participant.leave()
        for presence in list(self.door.door.presences.values()):
            await presence.leave(CloseReason.GONE)
        await until(lambda: self.door.rooms.get(ROOM) is None)


class ChromiumStage(Stage):
    """A window of Playwright's."""

    def __init__(self, page: Page, door: ServedDoor, ui: str = "") -> None:
        super().__init__(door, ui)
        self.page = page

    async def open(self, path: str) -> None:
        await self.page.goto(self.address(path))

    async def run(self, script: str) -> Any:
        return await self.page.evaluate(script)

    async def click(self, selector: str) -> None:
        await self.page.click(selector)

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)


class FirefoxStage(Stage):
    """A tab of a real Firefox."""

    def __init__(self, fox: Firefox, door: ServedDoor) -> None:
        super().__init__(door)
        self.fox = fox

    async def open(self, path: str) -> None:
        await self.fox.open(self.address(path))

    async def run(self, script: str) -> Any:
        return await self.fox.evaluate(script)

    async def click(self, selector: str) -> None:
        await self.shown(selector)
        await self.fox.click(selector)

    async def press(self, key: str) -> None:
        await self.fox.press(key)


def tell(participant: FakeParticipant, *events: Event) -> None:
    """Say something to one page."""
    for event in events:
        participant.events(event)


@dataclass
class Guest:
    """Somebody who waits in the lobby, without a page."""

    waiting: Waiting
    told: list[Event] = field(default_factory=list)
    # Why they were sent away, None as long as they were not.
    refusal: Refusal | None = None
    is_in: bool = False

    def tell(self, event: Event) -> None:
        self.told.append(event)

    def let_in(self, waiting: Waiting) -> None:
        self.is_in = True

    def turn_away(self, refusal: Refusal) -> None:
        self.refusal = refusal


def knock(door: ServedDoor, participant_id: str, name: str, speaks: str, hears: str) -> Guest:
    """Have somebody wait in the room's lobby."""
    who = Waiting(
        participant_id=participant_id, name=name, speaking_language=speaks, listening_language=hears, since_ms=0
    )
    guest = Guest(who)
    door.door.lobby.enter(ROOM, guest, who)
    return guest
