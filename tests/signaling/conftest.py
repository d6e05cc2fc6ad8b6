"""What the door's tests work with: a running door, and clients that speak its protocol."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request

from pipeline.bus.memory import MemoryBus
from signaling.app import build_app
from signaling.door import DOOR, Door
from signaling.identity.grant import Grant, Identity
from signaling.settings import SignalingSettings
from tests.fakes.rooms import FakeParticipant, FakeRooms

HttpClient = TestClient[Request, Application]
ROOM = "demo"


class Client:
    """One signaling socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.told: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: object) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def next(self, kind: str | None = None) -> dict[str, Any]:
        """Give the next message, or the next one of a type."""
        while True:
            message: dict[str, Any] = await self.socket.receive_json(timeout=5)
            self.told.append(message)
            if kind is None or message["type"] == kind:
                return message

    async def error(self) -> tuple[str, str | None]:
        """Give the next error as (code, in_reply_to)."""
        failed = await self.next("error")
        return failed["code"], failed.get("in_reply_to")

    async def join(self, name: str = "Ada", speaks: str = "en", hears: str = "es", **more: object) -> dict[str, Any]:
        await self.send("join", name=name, speaking_language=speaks, listening_language=hears, **more)
        return await self.next("joined")

    def vanish(self) -> None:
        """Be gone without a goodbye, as when a cable is pulled and pushed in elsewhere."""
        transport = self.socket._writer.transport
        assert transport is not None
        transport.abort()

    async def closed(self) -> int | None:
        """Read on until the socket is closed, and give the code."""
        while not self.socket.closed:
            await self.socket.receive(timeout=5)
        return self.socket.close_code


class House:
    """A running door with what is behind it, and the way in."""

    def __init__(self, http: HttpClient, rooms: FakeRooms, bus: MemoryBus) -> None:
        self.http = http
        self.rooms = rooms
        self.bus = bus
        self.door: Door = http.app[DOOR]

    def token(self, room_id: str = ROOM, participant_id: str | None = None, **grant: Any) -> str:
        """Give a token; `grant` has the fields of a Grant that are not a speaker's."""
        if participant_id is None or not grant:
            return self.door.tokens.issue(room_id, participant_id)
        return self.door.tokens.issue_for(Grant(identity=Identity(participant_id, room_id), **grant))

    @contextlib.asynccontextmanager
    async def client(
        self, participant_id: str | None = None, room_id: str = ROOM, **grant: Any
    ) -> AsyncIterator[Client]:
        token = self.token(room_id, participant_id, **grant)
        async with self.http.ws_connect(f"/ws/signaling/{room_id}", params={"token": token}) as socket:
            yield Client(socket)

    def participant(self, participant_id: str, room_id: str = ROOM) -> FakeParticipant:
        room = self.rooms.get(room_id)
        assert room is not None
        return room.participants[participant_id]


OpenHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def open_house(aiohttp_client: Any) -> AsyncIterator[OpenHouse]:
    """Give a function that starts a door with the settings given."""
    async with MemoryBus() as bus:

        async def start(**settings: Any) -> House:
            rooms = FakeRooms()
            app = build_app(rooms, bus, SignalingSettings(**settings))
            return House(await aiohttp_client(app), rooms, bus)

        yield start


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """Give a running door with the default settings."""
    return await open_house()
