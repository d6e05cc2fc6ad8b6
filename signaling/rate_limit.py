"""What is asked of every request before a handler sees it: not too often, not too many, and a body that is bearable."""

import asyncio
import math

from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.typedefs import Handler

from signaling.crowd import SOCKET_RETRY_S
from signaling.door import DOOR, REFUSED

BODY_S = 10.0
"""Seconds in which a request's body must be here."""

# What costs something: verifying, upgrading, work for the rooms. The page's files and the probes are bounded by the
# connections of an address.
_LIMITED = ("/api/", "/ws/")


def refusal(status: int, code: str, message: str, *, retry_after_s: int | None = None) -> web.Response:
    """Answer that something was not done, as the REST interface says such things."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


@web.middleware
async def limit_rates(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse with 429 what an address or a key asks too often."""
    if not request.path.startswith(_LIMITED):
        return await handler(request)
    wait_s = request.app[DOOR].crowd.wait_s(request)
    if wait_s > 0:
        REFUSED.labels("rate").inc()
        why = "too many requests from your address, or with your key: slow down"
        return refusal(429, "too_many_requests", why, retry_after_s=max(1, math.ceil(wait_s)))
    return await handler(request)


@web.middleware
async def limit_sockets(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse with 429, before any upgrade, the socket or event stream that is one too many for its address.

    An upgrade would cost a handshake and a closing one, with a socket that stays until both are done.
    """
    if not request.path.startswith("/ws/") and "text/event-stream" not in request.headers.get("Accept", ""):
        return await handler(request)
    with request.app[DOOR].crowd.socket_of(request) as entered:
        if entered:
            return await handler(request)
    REFUSED.labels("sockets").inc()
    why = "too many sockets from your address: close some"
    return refusal(429, "too_many_sockets", why, retry_after_s=SOCKET_RETRY_S)


@web.middleware
async def limit_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse bodies that are compressed, slow or malformed; handlers of the REST interface find the others read.

    And what is not HTTP/1.0 or 1.1: aiohttp answers HTTP/0.9 as well, which no client of ours speaks.
    """
    if request.version not in (HttpVersion10, HttpVersion11):
        return refusal(505, "version", "speak HTTP/1.1")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        REFUSED.labels("encoding").inc()
        return refusal(415, "encoded", "send the body as it is: without Content-Encoding")
    if request.path.startswith("/api/") and request.can_read_body:
        try:
            async with asyncio.timeout(BODY_S):
                await request.read()
        except TimeoutError:
            return refusal(408, "too_slow", f"the body did not come within {BODY_S:.0f} s")
        except web.RequestPayloadError:
            return refusal(400, "bad_request", "the body is not as its headers say")
    return await handler(request)


MIDDLEWARES = (limit_rates, limit_sockets, limit_bodies)
"""In the order in which they are asked."""
