"""Nodes with fake rooms on a real Redis, each served on a port of its own, and clients of theirs."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import aiohttp

from pipeline.bus.memory import MemoryBus
from signaling.app import build_app
from signaling.door import DOOR, Door
from signaling.identity.settings import TokenSettings
from signaling.nodes.errors import RedisDownError
from signaling.nodes.nodes import Nodes
from signaling.nodes.settings import NodeSettings
from signaling.server import serving
from signaling.settings import SignalingSettings
from tests.fakes.rooms import FakeRooms
from tests.support.redis_server import RedisServer
from tests.support.until import until

SECRET = "a secret of at least thirty-two bytes"  # noqa: S105
API_KEY = "an-api-key-of-at-least-thirty-two-bytes"
QUICK = {"lease_ms": 2_000, "renew_ms": 500, "fence_ms": 1_500, "answer_ms": 450, "hold_s": 4.0, "linger_s": 0.3}
"""Times for tests: half of the real ones, and a little less."""


@dataclass
class StandingNode:
    """A running node and what is behind it."""

    url: str
    door: Door
    rooms: FakeRooms
    nodes: Nodes
    http: aiohttp.ClientSession
    sockets: list[aiohttp.ClientWebSocketResponse] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        return self.nodes.node_id

    def serves(self, room_id: str) -> bool:
        return self.nodes.tenancy.serves(room_id)

    async def socket(self, room_id: str, name: str = "", kind: str = "signaling", **query: str) -> "Socket":
        """Open a socket here, by a token for the room."""
        token = query.pop("token", None) or self.door.tokens.issue(room_id, name or None)
        connection = await self.http.ws_connect(f"{self.url}/ws/{kind}/{room_id}", params={"token": token, **query})
        self.sockets.append(connection)
        return Socket(connection)

    async def join(self, room_id: str, name: str, **more: object) -> "Socket":
        """Open a signaling socket here and join."""
        socket = await self.socket(room_id, name)
        await socket.send("join", name=name, speaking_language="en", listening_language="es", **more)
        await socket.next("joined")
        return socket


class Socket:
    """A client's end."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection
        self.told: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: object) -> None:
        await self.connection.send_str(json.dumps({"type": kind, **fields}))

    async def next(self, kind: str) -> dict[str, Any]:
        """Give the next message of a type."""
        while True:
            message: dict[str, Any] = await self.connection.receive_json(timeout=6)
            self.told.append(message)
            if message["type"] == kind:
                return message

    async def closed(self) -> int | None:
        """Read on until it is closed, and give the code."""
        while not self.connection.closed:
            await self.connection.receive(timeout=6)
        return self.connection.close_code


def settings(
    redis: RedisServer | str, prefix: str, door: Mapping[str, Any] | None = None, **times: Any
) -> SignalingSettings:
    """Give a door's settings for one of several nodes: `door` has its own, and `times` are of nodes."""
    url = redis if isinstance(redis, str) else redis.url
    nodes = NodeSettings(**{"redis_url": url, "prefix": prefix, **QUICK, **times})
    tokens = TokenSettings(api_keys=(f"tests:{API_KEY}",))
    return SignalingSettings(port=0, token_secret=SECRET, nodes=nodes, tokens=tokens, grace_s=2.0, **(door or {}))


@contextlib.asynccontextmanager
async def standing_node(it: SignalingSettings, redis: RedisServer, name: str = "node") -> AsyncIterator[StandingNode]:
    """Run a node while the block runs; when it begins, the node is known."""
    async with MemoryBus() as bus, aiohttp.ClientSession() as http, Nodes(it, name) as nodes:
        rooms = FakeRooms()
        app = build_app(rooms, bus, it, nodes=nodes)
        async with serving(app) as url, nodes.announced(url):
            node = StandingNode(url, app[DOOR], rooms, nodes, http)
            await until(lambda: bool(nodes.known()))
            await begin(redis, it.nodes.prefix)
            try:
                yield node
            finally:
                for socket in node.sockets:
                    await socket.close()


def new_prefix() -> str:
    """Give keys that no other test has."""
    return f"t{secrets.token_hex(4)}:"


async def begin(redis: RedisServer, prefix: str) -> None:
    """Let there be no outage behind us: rooms can be taken now that a node was heard of."""
    await asyncio.to_thread(redis.ask, "SET", f"{prefix}epoch", "1")


@contextlib.contextmanager
def cut_off(node: StandingNode) -> Iterator[None]:
    """Let a node's questions to Redis fail while the block runs; the other nodes' are answered."""

    async def fail(question: Any) -> Any:
        if hasattr(question, "close"):
            question.close()
        await asyncio.sleep(0.01)
        raise RedisDownError(ConnectionError())

    with mock.patch.object(node.nodes._store, "_asked", fail):
        yield
