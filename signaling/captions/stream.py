"""`/api/v1/rooms/{room_id}/captions`: captions as Server-Sent Events (WHATWG HTML 9.2), for a plain `EventSource`.

Every event is the JSON that the captions socket would send; final ones have an id, and who comes back with it in
`Last-Event-ID`, as browsers do by themselves, goes on behind it. A browser needs no script of ours for that.
"""

import asyncio
import contextlib
import socket
from typing import Any

from aiohttp import web

from signaling.admission import require_own_origin
from signaling.captions.caption import Caption
from signaling.captions.wish import BadWishError, NotTheirsError, Wish, wish_of
from signaling.door import DOOR, REFUSED, STOPPING, Door
from signaling.hosting.room_state import RoomState
from signaling.identity.grant import Grant
from signaling.identity.token_error import TokenError
from signaling.identity.watch import until_ended
from signaling.outbox import Outbox

PATH = "/api/v1/rooms/{room_id}/captions"
MEDIA_TYPE = "text/event-stream"

STREAMS = web.AppKey("STREAMS", set[asyncio.Event])
"""The streams that are open, each as what ends it."""

# Milliseconds after which a browser whose stream broke comes back (`retry:`); most wait 3 to 5 s by themselves.
_RETRY_MS = 1_000
_HEARTBEAT = b":\n\n"
_HEADERS = {
    "Content-Type": MEDIA_TYPE,
    "Cache-Control": "no-store",
    # nginx and others hold back what they proxy, unless told not to.
    "X-Accel-Buffering": "no",
}


class EventStream(web.StreamResponse):
    """The answer; counted like a socket."""

    closed = False


def end_with(app: web.Application) -> None:
    """Let streams end when the application stops. Their route is the REST interface's, which describes it."""
    app[STREAMS] = set()
    app.on_shutdown.append(_end_all)


async def stream(request: web.Request) -> web.StreamResponse:
    """Serve captions to one reader until they go, or are too slow, or their token ends."""
    if MEDIA_TYPE not in request.headers.get("Accept", ""):
        raise web.HTTPNotAcceptable(text=f"this is a stream of events: ask for {MEDIA_TYPE} in Accept")
    require_own_origin(request)
    door = request.app[DOOR]
    grant = await _grant(request, door)
    wish = _wish(request, grant)
    response = EventStream(headers=_HEADERS)
    response.force_close()  # nothing else is asked over a connection whose answer never ends
    if not door.crowd.claims(grant.identity, response):
        REFUSED.labels("sockets").inc()
        raise web.HTTPTooManyRequests(text="too many sockets: close another one", headers={"Retry-After": "5"})
    end = asyncio.Event()
    request.app[STREAMS].add(end)
    unwatch = door.states.watch(lambda _, state: end.set() if _puts_out(state, grant) else None)
    try:
        await response.prepare(request)
        _notice_dead_links(request, door)
        if await _show_captions(response, grant, wish, door, end) and request.transport is not None:
            request.transport.abort()  # what a reader who is too slow will never take is not kept
    finally:
        unwatch()
        response.closed = True
        request.app[STREAMS].discard(end)
        door.crowd.releases(response)
    return response


def _puts_out(state: RoomState, grant: Grant) -> bool:
    """Whether hosts have ended the room, or removed this reader."""
    return state.room_id == grant.room_id and (state.ended or grant.participant_id in state.removed)


async def _end_all(app: web.Application) -> None:
    for end in app[STREAMS]:
        end.set()


async def _grant(request: web.Request, door: Door) -> Grant:
    try:
        grant = await door.tokens.check(request.query.get("token", ""), request.match_info["room_id"])
    except TokenError as error:
        REFUSED.labels("token").inc()
        raise web.HTTPUnauthorized(text=str(error), headers={"WWW-Authenticate": "Bearer"}) from None
    if not door.takes(grant):
        REFUSED.labels("draining").inc()
        raise web.HTTPServiceUnavailable(text=STOPPING, headers={"Retry-After": "5"})
    refusal = door.refusal(grant)
    if refusal is not None:
        REFUSED.labels(refusal.reason).inc()
        raise web.HTTPForbidden(text=refusal.why)
    return grant


def _wish(request: web.Request, grant: Grant) -> Wish:
    try:
        wish = wish_of(request.query).within(grant)
    except BadWishError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    except NotTheirsError as error:
        REFUSED.labels("rights").inc()
        raise web.HTTPForbidden(text=str(error)) from None
    return wish._replace(after=request.headers.get("Last-Event-ID", wish.after))


async def _show_captions(response: EventStream, grant: Grant, wish: Wish, door: Door, end: asyncio.Event) -> bool:
    """Send captions until the reader is gone or too slow, their grant is over, or the end comes; say if too slow."""
    fell_behind = asyncio.Event()
    outbox = Outbox(door.settings.outbox_size, fell_behind.set)
    limit_s = door.settings.captions.stream_heartbeat_s

    def take(caption: Caption) -> None:
        outbox.put(event(wish.write(caption), caption.cursor), droppable=not caption.is_final)

    async def send(message: bytes) -> None:
        async with asyncio.timeout(limit_s):
            await response.write(message)

    outbox.put(f"retry: {_RETRY_MS}\n\n".encode())
    with door.feed.reading(grant.room_id, lambda: wish.reader, take, after=wish.after):
        writer = asyncio.create_task(outbox.send_all(send), name="captions-stream-writer")
        tasks: list[asyncio.Task[Any]] = [
            writer,
            asyncio.create_task(_beat(outbox, limit_s), name="captions-stream-heartbeat"),
            asyncio.create_task(fell_behind.wait(), name="captions-stream-overflow"),
            asyncio.create_task(end.wait(), name="captions-stream-end"),
            asyncio.create_task(
                until_ended(grant, door.revocations, leeway_s=door.settings.token_leeway_s),
                name="captions-stream-grant",
            ),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            said = await asyncio.gather(*tasks, return_exceptions=True)
    return fell_behind.is_set() or isinstance(said[0], TimeoutError)


async def _beat(outbox: Outbox, every_s: float) -> None:
    """Put in a comment now and then: proxies cut off what is silent, and a link that is dead shows in writing only."""
    while True:
        await asyncio.sleep(every_s)
        outbox.put(_HEARTBEAT, droppable=True)


def _notice_dead_links(request: web.Request, door: Door) -> None:
    """Let the system give up a connection whose other end acknowledges nothing, where it can (Linux, tcp(7))."""
    connection = request.transport.get_extra_info("socket") if request.transport is not None else None
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        limit_ms = int(3 * door.settings.captions.stream_heartbeat_s * 1_000)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit_ms)


def event(data: bytes, cursor: str | None) -> bytes:
    """Write an event of one line of JSON. Without an id, the browser keeps the last one."""
    head = b"" if cursor is None else b"id: " + cursor.encode() + b"\n"
    return head + b"data: " + data + b"\n\n"
