"""Who gets a WebSocket, and under which limits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import Counter

from signaling.door import DOOR, REFUSED, STOPPING, Door
from signaling.guarded_socket import GuardedSocket
from signaling.hosting.refusal import WAITS
from signaling.identity.grant import Grant
from signaling.identity.token_error import TokenError
from signaling.identity.watch import Watch
from signaling.origins import is_allowed
from signaling.protocol import Close

# Seconds that a closing handshake may take.
_CLOSE_S = 5.0

ENDED = Counter("parley_tokens_ended_total", "Sockets that were closed because their token ended", ["reason"])


def require_own_origin(request: web.Request) -> None:
    """Turn away what another site's page asks for in somebody's browser.

    Raises:
        HTTPForbidden: the Origin is neither ours nor on the list.
    """
    settings = request.app[DOOR].settings
    if not is_allowed(request.headers.get("Origin"), request.host, settings.allowed_origins):
        REFUSED.labels("origin").inc()
        raise web.HTTPForbidden(text="this origin may not come in: the setting allowed_origins lists those that may")


@contextlib.asynccontextmanager
async def admitted(
    request: web.Request,
    *,
    may_wait: bool = False,
    max_message_bytes: int | None = None,
    heartbeat_s: float | None = None,
) -> AsyncIterator[tuple[web.WebSocketResponse, Grant | None]]:
    """Open the socket of a request. Without a good token it is closed with 4001, and there is no grant.

    Who may not come into the room is refused in the same way (see `may_enter`); `may_wait`: but not who has to wait.
    `max_message_bytes` and `heartbeat_s` are the settings' if not given.

    While the block runs, the socket is closed with 4401 if its token ends, whoever reads from it.

    While the server drains, who is not here already is closed with 1001 in the same way: browsers tell a page the words
    of a closed socket, but nothing of an upgrade that was refused.
    """
    door = request.app[DOOR]
    require_own_origin(request)
    grant, refusal = None, ""
    try:
        grant = await door.tokens.check(request.query.get("token", ""), request.match_info["room_id"])
    except TokenError as error:
        refusal = str(error)
    socket = GuardedSocket(
        timeout=_CLOSE_S,
        heartbeat=heartbeat_s or door.settings.heartbeat_s,
        max_msg_size=max_message_bytes or door.settings.max_message_bytes,
    )
    await socket.prepare(request)
    door.sockets.add(socket)
    try:
        if grant is None:
            REFUSED.labels("token").inc()
            await socket.close(code=Close.BAD_TOKEN, message=refusal.encode())
        elif not door.takes(grant):
            REFUSED.labels("draining").inc()
            await socket.close(code=Close.GOING_AWAY, message=STOPPING.encode())
            grant = None
        elif (no := door.refusal(grant)) is not None and not (may_wait and no is WAITS):
            REFUSED.labels(no.reason).inc()
            await socket.close(code=no.code, message=no.why.encode())
            grant = None
        elif not door.crowd.claims(grant.identity, socket):
            REFUSED.labels("sockets").inc()
            await socket.close(code=Close.TOO_MANY_SOCKETS, message=b"too many sockets: close another one")
            grant = None
        async with _watched(socket, grant, door, request.transport):
            yield socket, grant
    finally:
        door.sockets.discard(socket)
        door.crowd.releases(socket)


@contextlib.asynccontextmanager
async def _watched(
    socket: web.WebSocketResponse, grant: Grant | None, door: Door, transport: asyncio.Transport | None
) -> AsyncIterator[None]:
    """Close a socket when its token ends while the block runs. Without a grant it is closed already."""
    if grant is None:
        yield
        return
    watch = door.watches[socket] = Watch(grant, door.revocations, leeway_s=door.settings.token_leeway_s)
    task = asyncio.create_task(_close_at_the_end(watch, socket, transport), name="token-watch")
    try:
        yield
    finally:
        del door.watches[socket]
        if not watch.reason:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _close_at_the_end(watch: Watch, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
    reason = await watch.ended()
    ENDED.labels(reason).inc()
    await socket.close(code=Close.TOKEN_ENDED, message=reason.encode(), drain=False)
    # What a client that does not read will never take is not kept.
    if transport is not None:
        transport.abort()
