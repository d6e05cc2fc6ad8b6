"""The same as test_isolation.py through real sockets: real Rooms, bus and door; people come, go, switch and are read.

What is said is published as the workers would; every text says where it belongs: `language|room|speaker|number`.
"""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from media_server.rooms import Rooms
from media_server.targets import languages_listened_to
from pipeline.bus.memory import MemoryBus
from pipeline.messages import Target, Transcript, Translation
from pipeline.messages.language import hears, reads
from signaling.app import build_app
from signaling.door import DOOR, Door
from signaling.server import serving
from signaling.settings import SignalingSettings
from tests.fakes.analysis import ScriptedAnalysis
from tests.fakes.hall import WORKERS
from tests.fakes.peers import FakePeers

STEPS = 200
ROOMS = ("north", "south", "east", "west")
# Where people wait until they are let in.
LOBBY = "west"
LANGUAGES = ("en", "en-GB", "es", "es-MX", "fr")
SPOKEN = ("en", "es")
# So often that nobody is slowed down: other tests are about that.
FREELY = SignalingSettings(
    port=0,
    messages_per_second=1e5,
    message_burst=10_000,
    changes_per_second=1e4,
    change_burst=10_000,
    joins_per_second=1e3,
    join_burst=1_000,
)


class Client:
    """Somebody at a signaling socket, or a reader at a captions socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, room: str, name: str | None, hears: str | None) -> None:
        self.socket = socket
        self.room = room
        self.name = name
        self.hears = hears
        self.speaks = "en"
        # Whether they are in the lobby: nothing of the room is theirs to know.
        self.waits = False
        self.captions: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self.ponged = asyncio.Event()
        self.listening = asyncio.create_task(self._listen())

    async def send(self, **message: object) -> None:
        await self.socket.send_str(json.dumps(message))

    async def catch_up(self) -> None:
        """Wait until everything that was told so far is here."""
        if self.name is None:  # nothing is answered there
            await asyncio.sleep(0.01)
            return
        self.ponged.clear()
        await self.send(type="ping")
        await asyncio.wait_for(self.ponged.wait(), 5)

    async def close(self) -> None:
        await self.socket.close()
        await self.listening

    async def _listen(self) -> None:
        async for frame in self.socket:
            message = json.loads(frame.data)
            if message["type"] == "caption":
                self.captions.append(message)
            elif message["type"] == "pong":
                self.ponged.set()
            else:
                self.told.append(message)


class Place:
    """A served door, its clients, and what must be so of whatever they are told."""

    def __init__(self, url: str, door: Door, bus: MemoryBus, rooms: Rooms, http: aiohttp.ClientSession) -> None:
        self.url, self.door, self.bus, self.rooms, self.http = url, door, bus, rooms, http
        self.clients: list[Client] = []
        self.said: dict[str, tuple[str, tuple[str, ...]]] = {}
        # How often something was read, and people let in and put out: an empty house proves nothing.
        self.read, self.admitted, self.removed = 0, 0, 0

    @property
    def people(self) -> list[Client]:
        return [client for client in self.clients if client.name and not client.waits]

    @property
    def guests(self) -> list[Client]:
        return [client for client in self.clients if client.waits]

    async def open(self, path: str, room: str, name: str, **query: str) -> aiohttp.ClientWebSocketResponse:
        token = self.door.tokens.issue(room, name)
        return await self.http.ws_connect(f"{self.url}/ws/{path}/{room}", params={"token": token, **query})

    async def come(self, room: str, name: str, speaks: str, listens: str) -> None:
        client = Client(await self.open("signaling", room, name), room, name, listens)
        client.speaks = speaks
        client.waits = room == LOBBY
        self.door.states.change(LOBBY, lobby=True)
        self.clients.append(client)
        await client.send(type="join", name=f"{room} {name}", speaking_language=speaks, listening_language=listens)
        await client.catch_up()

    async def start_reading(self, room: str, language: str | None) -> None:
        query = {} if language is None else {"language": language}
        socket = await self.open("captions", room, f"reader-{len(self.clients)}", **query)
        self.clients.append(Client(socket, room, None, language))

    async def admit(self, guest: Client) -> None:
        assert guest.name is not None
        self.check()
        self.door.hosts.admit(guest.room, guest.name)
        guest.waits = False
        self.admitted += 1

    async def remove(self, client: Client) -> None:
        """Let a host put somebody out: from then on nothing reaches them."""
        assert client.name is not None
        self.clients.remove(client)
        self.door.hosts.remove(client.room, client.name)
        await asyncio.wait_for(client.listening, 5)
        self.removed += 1

    async def go(self, client: Client) -> None:
        self.clients.remove(client)
        if client.name:
            await client.send(type="leave")
        await client.close()

    async def speak(self, speaker: Client, number: int) -> None:
        """Let the workers bring what somebody said, for the others as they listen now; each reads it once."""
        assert speaker.name is not None
        here = [client for client in self.clients if client.room == speaker.room and not client.waits]
        listening = [client.hears for client in here if client.hears]
        wanted = languages_listened_to(listening, speaker.speaks)
        targets = tuple(each for each in wanted if self.rooms.paths.can_read(speaker.speaks, each))
        ids = {"room_id": speaker.room, "user_id": speaker.name, "sequence_number": number}
        said: dict[str, Any] = {**ids, "utterance_id": f"{speaker.room}-{speaker.name}-{number}", "clause": 0}
        self.said[said["utterance_id"]] = (speaker.speaks, targets)

        def text(language: str) -> str:
            return f"{language}|{speaker.room}|{speaker.name}|{number}"

        source: dict[str, Any] = {"language": speaker.speaks, "payload": text(speaker.speaks)}
        aimed = tuple(Target(target) for target in targets)
        await self.bus.publish(Transcript(**said, **source, is_final=True, last=True, targets=aimed))
        for target in targets:
            translated: dict[str, Any] = {"source_text": source["payload"], "source_language": speaker.speaks}
            made: dict[str, Any] = {"language": target, "payload": text(target), "is_final": True, "last": True}
            await self.bus.publish(Translation(**said, **made, **translated))
        await self.settle()
        for client in self.clients:
            got = [c for c in client.captions if c["utterance_id"] == said["utterance_id"]]
            all_of_it = 1 + len(targets) if client.hears is None else 1
            due = all_of_it if client in here else 0
            assert len(got) == due, (client.room, client.hears, speaker.room, speaker.speaks, targets, got)

    async def settle(self) -> None:
        """Let everything reach whom it is for."""
        for _ in range(30):
            await asyncio.sleep(0)
        await asyncio.gather(*(client.catch_up() for client in self.clients))

    def check(self) -> None:
        """See that everybody was told of their own room alone, and in their own language."""
        for client in self.clients:
            for caption in client.captions:
                self.read += 1
                self.check_caption(client, caption)
            client.captions.clear()
            if client.waits:
                assert {message["type"] for message in client.told} <= {"waiting"}, "somebody in the lobby was told"
            for message in client.told:
                infos = [message["participant"]] if "participant" in message else message.get("participants", [])
                assert all(info["name"].startswith(f"{client.room} ") for info in infos), "somebody of another room"
                assert message["type"] != "error", message
            client.told.clear()

    def check_caption(self, client: Client, caption: dict[str, Any]) -> None:
        language, room, speaker, _ = caption["text"].split("|")
        spoken, targets = self.said[caption["utterance_id"]]
        assert room == client.room, "a caption of another room"
        assert (caption["speaker_id"], caption["language"]) == (speaker, language)
        if client.hears is None:
            return
        if client.name == speaker or hears(client.hears, spoken):
            assert language == spoken
        elif language == spoken:
            aimed = any(reads(client.hears, target) for target in targets)
            assert not (aimed and self.rooms.paths.can_read(spoken, client.hears)), "words in another language"
        else:
            assert reads(client.hears, language), "a translation into another language"


@contextlib.asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """Serve a door with real rooms."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        rooms = Rooms(bus=bus, new_peer=FakePeers(), analyser_factory=ScriptedAnalysis())
        await stack.enter_async_context(rooms)
        app = build_app(rooms, bus, FREELY)
        url = await stack.enter_async_context(serving(app))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        served = Place(url, app[DOOR], bus, rooms, http)
        yield served
        for client in list(served.clients):
            await client.close()


async def step(here: Place, dice: random.Random, number: int) -> None:
    """Let something happen."""
    for status in WORKERS.values():
        await here.bus.publish(status)
    act = dice.random()
    room, listens = dice.choice(ROOMS), dice.choice(LANGUAGES)
    person = dice.choice(here.people) if here.people else None
    if person is None or (act < 0.2 and len(here.people) < 9):
        await here.come(room, f"p{number}", dice.choice(SPOKEN), listens)
    elif act < 0.26:
        await here.go(dice.choice(here.clients))
    elif act < 0.28:
        await here.remove(person)
    elif act < 0.32 and here.guests:
        await here.admit(dice.choice(here.guests))
    elif act < 0.36 and len(here.clients) - len(here.people) < 4:
        await here.start_reading(room, dice.choice((None, listens)))
    elif act < 0.5:
        person.hears = listens
        await person.send(type="set_languages", listening_language=listens)
    elif act < 0.55:
        person.speaks = dice.choice(SPOKEN)
        await person.send(type="set_languages", speaking_language=person.speaks)
    elif act < 0.6:
        await person.send(type="mute", muted=dice.random() < 0.5)
    else:
        await here.speak(person, number)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 12))])
async def test_nobody_reads_what_is_anothers(seed: int) -> None:
    """Whoever is in a room is told of it, and reads each thing that is said in it once, in their own language."""
    dice = random.Random(seed)
    async with place() as here:
        for number in range(STEPS):
            await step(here, dice, number)
            await here.settle()
            here.check()
        assert here.read > STEPS
        assert min(here.admitted, here.removed) > 0
