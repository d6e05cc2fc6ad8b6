"""Who gets a WebSocket, and under which limits."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from signaling.door import DOOR, REFUSED, STOPPING
from signaling.identity.grant import Grant
from signaling.identity.tokens import TokenError
from signaling.origins import is_allowed
from signaling.protocol import Close

# Seconds that a closing handshake may take.
_CLOSE_S = 5.0


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
async def admitted(request: web.Request) -> AsyncIterator[tuple[web.WebSocketResponse, Grant | None]]:
    """Open the socket of a request. Without a good token it is closed with 4001, and there is no grant.

    While the server drains, who is not here already is closed with 1001 in the same way: browsers tell a page the words
    of a closed socket, but nothing of an upgrade that was refused.
    """
    door = request.app[DOOR]
    require_own_origin(request)
    grant, refusal = None, ""
    try:
        grant = door.tokens.verify(request.query.get("token", ""), request.match_info["room_id"])
    except TokenError as error:
        refusal = str(error)
    socket = web.WebSocketResponse(
        timeout=_CLOSE_S,
        heartbeat=door.settings.heartbeat_s,
        max_msg_size=door.settings.max_message_bytes,
        compress=False,
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
        yield socket, grant
    finally:
        door.sockets.discard(socket)
