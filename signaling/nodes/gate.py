"""The first thing that a request meets: is its room here, on another node, or nowhere now?"""

import asyncio
import contextlib
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler

from signaling.addresses import PASSED_ADDRESS
from signaling.guarded_socket import GuardedSocket
from signaling.identity.token_error import TokenError
from signaling.names import is_id
from signaling.nodes.errors import NobodyError, RedisDownError
from signaling.nodes.forward import MISDIRECTED, UnreachableError, forward
from signaling.nodes.node import Node, Owner, least_loaded
from signaling.nodes.proof import HEADER, Passed, prove, proven
from signaling.nodes.relay import LARGER, dial, relay
from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Barred, Store
from signaling.nodes.tenancy import Tenancy
from signaling.origins import is_allowed
from signaling.protocol import Close

if TYPE_CHECKING:
    from signaling.door import Door

# What is about one room, where its id is in the path.
_OF_ROOMS = ("/ws/", "/api/v1/")
# Seconds between two looks for a room that nobody can take yet.
_LOOK_S = 0.25
# Seconds after which somebody who was refused may try again.
_RETRY_S = 2
# Seconds that a closing handshake may take.
_CLOSE_S = 2.0
# Rooms whose owners are remembered for when Redis is out of reach. When full, the one not asked for longest goes.
_SEEN = 1_024


class Gate:
    """The middleware `pass_on`, and what it needs to know."""

    def __init__(
        self,
        door: "Door",
        tenancy: Tenancy,
        store: Store,
        http: aiohttp.ClientSession,
        key: bytes,
        settings: NodeSettings,
        own_id: str,
    ) -> None:
        self._door = door
        self._tenancy = tenancy
        self._store = store
        self._http = http
        self._key = key
        self._settings = settings
        self._own_id = own_id
        # Requests that wait for a room.
        self._holding = 0
        # Where rooms were seen last, for when Redis is out of reach: their owner knows whether it is so.
        self._seen: OrderedDict[str, Owner] = OrderedDict()
        # Rooms sent to a node since it last told how many it has, by its id; and what it told then.
        self._sent: Counter[str] = Counter()
        self._told: list[Node] = []

    @web.middleware
    async def pass_on(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer here, or where the room is. Who has no key to the room is refused here, and reaches no other node."""
        room_id = request.match_info.get("room_id", "")
        if not is_id(room_id) or not request.path.startswith(_OF_ROOMS):
            return await handler(request)
        passed = self._passed(request)
        if passed is not None:
            request[PASSED_ADDRESS] = passed.address
            return await self._answer_node(request, handler, room_id)
        if not await self._may_ask(request, room_id):
            return await handler(request)
        try:
            return await self._answer(request, handler, room_id)
        except NobodyError as error:
            return await self._refuse(request, error)

    async def _answer_node(self, request: web.Request, handler: Handler, room_id: str) -> web.StreamResponse:
        """Answer what another node passed on, or say at once that it has to look again."""
        try:
            is_here = await self._find(room_id, is_passed=True) is None
        except (NobodyError, _NotYetError):
            is_here = False
        if not is_here:
            return web.Response(status=MISDIRECTED, text="this node has not the room")
        with self._tenancy.using(room_id):
            return await handler(request)

    async def _answer(self, request: web.Request, handler: Handler, room_id: str) -> web.StreamResponse:
        """Answer here, or pass it on; wait for a while where nobody has the room yet."""
        deadline = asyncio.get_running_loop().time() + self._settings.hold_s
        while True:
            try:
                owner = await self._find(room_id, is_passed=False)
                if owner is None:
                    break
                return await self._pass_to(owner.url, request)
            except (UnreachableError, _NotYetError) as error:
                # Of a body that was being passed on some may be gone.
                is_over = request.body_exists and isinstance(error, UnreachableError)
                if is_over or asyncio.get_running_loop().time() > deadline:
                    raise NobodyError("busy", _RETRY_S) from None
                with self._held():
                    await asyncio.sleep(_LOOK_S)
        with self._tenancy.using(room_id):
            return await handler(request)

    async def _find(self, room_id: str, *, is_passed: bool) -> Owner | None:
        """Say where a room is; None: here. Takes it if it is nowhere.

        Raises:
            NobodyError: nobody knows, or can.
            _NotYetError: ask again in a moment.
        """
        tenancy = self._tenancy
        if tenancy.serves(room_id):
            return None
        try:
            owner = await self._store.owner(room_id)
            if owner is None:
                return await self._place(room_id, is_passed=is_passed)
            if owner.node_id == self._own_id:
                return self._outcome(await tenancy.take(room_id))
        except RedisDownError:
            seen = self._seen.get(room_id)
            if seen is None or is_passed:
                raise NobodyError("redis", _RETRY_S) from None
            return seen
        self._seen[room_id] = owner
        self._seen.move_to_end(room_id)
        if len(self._seen) > _SEEN:
            self._seen.popitem(last=False)
        return owner

    async def _place(self, room_id: str, *, is_passed: bool) -> Owner | None:
        """Find a node for a room that has none. One that a request was passed on to takes it, unless it drains."""
        is_draining = self._door.health.draining
        if is_passed and is_draining:
            return Owner("0 - -")  # not here, whoever it may be
        if not is_passed:
            target = self._target()
            if target is None:
                if is_draining:
                    return None  # the door says so itself
                raise NobodyError("nobody", _RETRY_S)
            if target.node_id != self._own_id:
                self._sent[target.node_id] += 1
                return Owner(f"0 {target.node_id} {target.url}")
        return self._outcome(await self._tenancy.take(room_id))

    def _target(self) -> Node | None:
        nodes = self._tenancy.nodes
        if nodes is not self._told:
            self._told = nodes
            self._sent.clear()
        return least_loaded(nodes, self._own_id, self._sent)

    def _outcome(self, taken: Owner | Barred | None) -> Owner | None:
        if isinstance(taken, Barred):
            raise _NotYetError
        return taken

    async def _pass_to(self, base: str, request: web.Request) -> web.StreamResponse:
        address = str(self._door.crowd.addresses.client_of(request) or "")
        proof = prove(self._key, Passed(self._own_id, time.time(), address), request.method, request.raw_path)
        added = {HEADER: proof, "Host": request.host}
        if not _is_socket(request):
            return await forward(self._http, request, base, added)
        most = self._door.settings.max_message_bytes
        try:
            owner = await dial(self._http, request, base, added, most)
        except aiohttp.WSServerHandshakeError as error:
            # Refused before the upgrade, as what comes too often is.
            wait = {name: value for name, value in (error.headers or {}).items() if name == "Retry-After"}
            return web.Response(status=max(400, error.status), headers=wait, text="refused by the room's node")
        try:
            client = self._socket(LARGER * most)
            await client.prepare(request)
            self._door.sockets.add(client)
            try:
                await relay(client, owner)
            finally:
                self._door.sockets.discard(client)
            return client
        finally:
            await owner.close()

    def _passed(self, request: web.Request) -> Passed | None:
        header = request.headers.get(HEADER)
        return proven(self._key, header, request.method, request.raw_path, time.time()) if header else None

    async def _may_ask(self, request: web.Request, room_id: str) -> bool:
        """Whether somebody has a key to a room, of either kind. What exactly they may do, the room's node decides."""
        door = self._door
        if not is_allowed(request.headers.get("Origin"), request.host, door.settings.allowed_origins):
            return False
        if _is_socket(request) or "token" in request.query:
            return await self._opens(request.query.get("token", ""), room_id)
        with contextlib.suppress(web.HTTPUnauthorized):
            door.api_keys.verify(request)
            return True
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and await self._opens(token.strip(), room_id)

    async def _opens(self, token: str, room_id: str) -> bool:
        try:
            await self._door.tokens.check(token, room_id)
        except TokenError:
            return False
        return True

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        if self._holding >= self._settings.holds:
            raise NobodyError("busy", _RETRY_S)
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1

    async def _refuse(self, request: web.Request, error: NobodyError) -> web.StreamResponse:
        """Say that it is not possible now: browsers tell a page nothing of an upgrade that was refused."""
        if _is_socket(request):
            socket = self._socket(self._door.settings.max_message_bytes)
            await socket.prepare(request)
            await socket.close(code=Close.TRY_AGAIN, message=str(error).encode(), drain=False)
            return socket
        body = {"error": {"code": "try_again", "message": str(error)}}
        return web.json_response(body, status=503, headers={"Retry-After": str(math.ceil(error.retry_after_s))})

    def _socket(self, most: int) -> GuardedSocket:
        return GuardedSocket(timeout=_CLOSE_S, heartbeat=self._door.settings.heartbeat_s, max_msg_size=most)


class _NotYetError(Exception):
    """Nobody can take the room yet."""


def _is_socket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"
