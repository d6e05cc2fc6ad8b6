"""Passes one request on to another node and its answer back, as they come: neither is ever here as a whole."""

import aiohttp
from aiohttp import web

from signaling.nodes.headers import passed_on

MISDIRECTED = 421
"""What a node answers that was passed a request for a room which it has not (RFC 9110 section 15.5.20)."""

# Seconds to reach the other node, and for which it may say nothing in the midst of an answer.
CONNECT_S = 2.0
SILENCE_S = 60.0

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S)


class UnreachableError(Exception):
    """The other node did not take it, or has not the room; nothing was answered yet."""


async def forward(
    http: aiohttp.ClientSession, request: web.Request, base: str, added: dict[str, str]
) -> web.StreamResponse:
    """Pass a request on to the node at `base`, with headers added; gives the answer, sent.

    Raises:
        UnreachableError: it was not answered there. What has a body cannot be passed on a second time.
    """
    body = request.content if request.body_exists else None
    try:
        response = await http.request(
            request.method,
            base + request.raw_path,
            headers=passed_on(request.headers, added),
            data=body,
            allow_redirects=False,
            timeout=_TIMEOUT,
        )
    except (aiohttp.ClientError, OSError) as error:
        raise UnreachableError from error
    async with response:
        if response.status == MISDIRECTED:
            raise UnreachableError
        return await _answer(request, response)


async def _answer(request: web.Request, response: aiohttp.ClientResponse) -> web.StreamResponse:
    answer = web.StreamResponse(status=response.status, reason=response.reason, headers=passed_on(response.headers))
    await answer.prepare(request)
    try:
        # `write` waits for a reader who is slow, and then nothing more is read from the other node.
        async for piece in response.content.iter_any():
            await answer.write(piece)
    except (aiohttp.ClientError, TimeoutError):
        # The other node died in the midst: so does this answer, for a whole one ends otherwise.
        if request.transport is not None:
            request.transport.abort()
        return answer
    await answer.write_eof()
    return answer
