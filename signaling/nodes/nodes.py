"""This node among the others: the parts, put together and opened in order."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import web

from signaling.addresses import parse
from signaling.nodes.errors import NodesError, RedisDownError
from signaling.nodes.eviction import evict
from signaling.nodes.gate import Gate
from signaling.nodes.node import Node
from signaling.nodes.pages import DoorPages
from signaling.nodes.peers import WITNESS_PATH, Peers
from signaling.nodes.proof import node_key
from signaling.nodes.roll import Roll
from signaling.nodes.room_memory import RoomMemory
from signaling.nodes.store import Store
from signaling.nodes.tenancy import Tenancy

if TYPE_CHECKING:
    from signaling.door import Door
    from signaling.settings import SignalingSettings

# Connections to other nodes: a relayed socket is one, and there may be as many as clients.
_CONNECTIONS = 8_192
# Seconds to reach another node.
_CONNECT_S = 2.0
# Seconds between two looks at where the same nodes are.
_ADDRESSES_S = 30.0
_REDIS_PORT = 6_379
# Of one room that are kept, translations counted: some 300 bytes each.
_MOST_CAPTIONS = 600

_log = structlog.get_logger(__name__)


class Nodes:
    """Use it as `async with Nodes(settings, name) as nodes`; `join` a door; then `async with nodes.announced(url)`.

    Close cascade: `announced` ends (what is known of the rooms is written down a last time), the door closes its
    sockets and the rooms end, then this ends: every lease is given back, and others may take the rooms at once.
    """

    def __init__(
        self,
        settings: "SignalingSettings",
        name: str,
        *,
        number: Callable[[], int] = lambda: 0,
        raise_numbers: Callable[[int], object] = lambda _: None,
    ) -> None:
        """`name` is the same after a restart; for the other two see `Tenancy`."""
        self._settings = settings
        # No earlier process of this name had it: its rooms were not ours.
        self.node_id = f"{name}-{secrets.token_hex(4)}"
        self._key = node_key(settings.nodes.secret, settings.token_secret)
        self._number = number
        self._raise_numbers = raise_numbers
        self._url = ""
        self._stack = AsyncExitStack()
        self._store: Store
        self._http: aiohttp.ClientSession
        self._door: Door
        self._tenancy: Tenancy | None = None
        self._memory: RoomMemory
        # Set by `join`.
        self.roll: Roll

    async def __aenter__(self) -> Self:
        """Look at Redis.

        Raises:
            NodesError: it is not there, or is set up so that rooms would be lost; or this node has no secrets that it
                could share with the others.
        """
        _require_secrets(self._settings)
        async with AsyncExitStack() as stack:
            self._store = await stack.enter_async_context(Store(self._settings.nodes))
            try:
                warning = await self._store.check()
            except RedisDownError as error:
                raise NodesError(f"{error}: start it, or correct signaling.nodes.redis_url") from None
            if warning:
                _log.warning("redis_set_up_badly", why=warning)
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)
            # What is passed on is passed on as it is.
            http = aiohttp.ClientSession(
                connector=connector,
                timeout=timeout,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
            self._http = await stack.enter_async_context(http)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def join(self, app: web.Application, door: "Door") -> None:
        """Become part of a door, before it is served: first of all its middlewares, and the other nodes' questions."""
        settings = self._settings.nodes
        self._door = door
        peers = Peers(self._http, self._store, self._key, settings.answer_ms / 1_000)
        self._memory = RoomMemory(self._store, door.states, door.feed, DoorPages(door), settings, most=_MOST_CAPTIONS)
        self._tenancy = tenancy = Tenancy(
            self._store,
            settings,
            me=self._me,
            memory=self._memory,
            peers=peers,
            evict=lambda room_id: evict(door, room_id, tenancy.users(room_id)),
            is_open=lambda room_id: door.rooms.get(room_id) is not None,
            number=self._number,
            raise_numbers=self._raise_numbers,
        )
        self.roll = Roll(self._http, self._store, tenancy, self._key, self.node_id)
        gate = Gate(door, tenancy, self._store, self._http, self._key, settings, self.node_id)
        app.middlewares.insert(0, gate.pass_on)
        app.router.add_get(WITNESS_PATH, peers.witness)
        door.nodes = self

    @contextlib.asynccontextmanager
    async def announced(self, url: str) -> AsyncIterator[None]:
        """Be a node while the block runs, and on until this closes. `url` is where the door is served.

        Raises:
            NodesError: other nodes cannot reach that, and no other address is set.
        """
        self._url = await self.own_url(url)
        tenancy = self.tenancy
        await self._stack.enter_async_context(self._door.revocations.shared(self._store))
        await self._stack.enter_async_context(tenancy.keeping())
        addresses = asyncio.create_task(self._know_addresses(), name="node-addresses")
        try:
            yield
        finally:
            addresses.cancel()
            await asyncio.gather(addresses, return_exceptions=True)
            with contextlib.suppress(RedisDownError):
                await self._memory.save(tenancy.leases.claims())
            # From now on people are sent away because this node ends: what they leave behind is not what they left.
            tenancy.frozen = True

    @property
    def tenancy(self) -> Tenancy:
        """The rooms that this node has."""
        if self._tenancy is None:
            raise RuntimeError("join a door first")
        return self._tenancy

    @property
    def reached(self) -> bool:
        """Whether Redis answered last time."""
        return self._tenancy is not None and self._tenancy.reached

    def known(self) -> list[Node]:
        """Give every node heard of lately, this one included, by id."""
        return [] if self._tenancy is None else list(self._tenancy.nodes)

    async def own_url(self, served: str) -> str:
        """Say where other nodes reach this one, whose door is served at this address.

        It is what is set; else that address; else, if that is every address there is, this machine's own one on the
        way to Redis, for whoever reaches that is likely to reach this.

        Raises:
            NodesError: there is no way to tell.
        """
        if self._settings.nodes.url:
            return self._settings.nodes.url.rstrip("/")
        if not _is_unspecified(urlsplit(served).hostname or ""):
            return served
        redis = urlsplit(self._settings.nodes.redis_url)
        try:
            address = await _address_towards(redis.hostname or "", redis.port or _REDIS_PORT)
        except OSError:
            raise NodesError(
                f"other nodes cannot reach {served}: set signaling.nodes.url to this node's own address, "
                "such as http://10.0.0.5:8080"
            ) from None
        port = urlsplit(served).port
        return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"

    async def own(self, room_id: str) -> bool:
        """Have a room that is about to be set up here. False if another node has it, or nobody can take it now.

        Raises:
            RedisDownError: nobody knows.
        """
        return await self.tenancy.take(room_id) is None

    def _me(self) -> Node:
        door = self._door
        rooms = {identity.room_id for identity in door.presences}
        return Node(
            node_id=self.node_id,
            url=self._url,
            people=len(door.presences),
            rooms=len(rooms),
            draining=door.health.draining,
        )

    async def _know_addresses(self) -> None:
        """Keep the door told of where the other nodes are: the limits of an address are not for those."""
        known: set[str] = set()
        at = now = asyncio.get_running_loop().time()
        while True:
            hosts = {urlsplit(node.url).hostname or "" for node in self.known()}
            if hosts != known or now - at > _ADDRESSES_S:
                found = [address for host in hosts for address in await _addresses_of(host)]
                self._door.crowd.addresses.nodes = frozenset(filter(None, map(parse, found)))
                known, at = hosts, now
            await asyncio.sleep(self._settings.nodes.renew_ms / 1_000)
            now = asyncio.get_running_loop().time()


def _require_secrets(settings: "SignalingSettings") -> None:
    why = "nodes take each other's tokens and requests"
    if not settings.token_secret and not settings.tokens.secrets:
        raise NodesError(f"signaling.nodes.redis_url needs signaling.token_secret, the same on every node: {why}")
    if not settings.token_secret and not settings.nodes.secret:
        raise NodesError(
            f"signaling.nodes.redis_url needs signaling.nodes.secret, the same on every node, where there is no "
            f"signaling.token_secret: {why}"
        )


def _is_unspecified(host: str) -> bool:
    address = parse(host)
    return address is not None and address.is_unspecified


async def _address_towards(host: str, port: int) -> str:
    """Give this machine's own address on the way to another; nothing is sent.

    Raises:
        OSError: there is no such name, or no way.
    """
    if not host:
        raise OSError("no host")
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    family, kind, _, _, there = found[0]
    with socket.socket(family, kind) as way:
        way.connect(there)
        return str(way.getsockname()[0])


async def _addresses_of(host: str) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []  # it has gone, or its name is not known yet
    return [str(where[0]) for *_, where in found]
