"""One connection to the server, from before its first byte: counted by address, and answered safely what it cannot be.

aiohttp's own handler of a connection (`aiohttp.web_protocol.RequestHandler`) knows neither.
"""

import asyncio
from typing import Any, cast

from aiohttp import web

from signaling.addresses import Addresses, host_of
from signaling.door import REFUSED
from signaling.headcount import Headcount
from signaling.page import HEADERS

RETRY_AFTER_S = 10
"""Seconds after which somebody who was refused may try again: as long as unused connections are kept."""

UNREADABLE = "this is not a request that can be answered"
"""All that is told about a request that is malformed: never what was in it."""


def _refusal(status: str, why: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Retry-After: {RETRY_AFTER_S}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(why)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in HEADERS.items()),
    ]
    return "\r\n".join([*lines, "", why]).encode()


TOO_MANY = _refusal("429 Too Many Requests", "too many connections from your address: close some")
FULL = _refusal("503 Service Unavailable", "this server has as many connections as it can hold: try again later")


class Front:
    """Who is connected: so many for each address, a trusted proxy apart, and so many in all."""

    def __init__(self, addresses: Addresses, *, per_address: int, in_all: int) -> None:
        self._addresses = addresses
        self._count = Headcount(per_address, in_all)
        self._in_all = in_all

    def key_of(self, transport: asyncio.BaseTransport) -> str | None:
        """Give that by which a connection is counted, beside the sum of all."""
        peer = host_of(transport.get_extra_info("peername"))
        if self._addresses.is_proxy(peer) or self._addresses.is_node(peer):
            return None
        return self._addresses.limited(self._addresses.client(peer))

    def enter(self, key: str | None) -> bytes | None:
        """Count a connection. If it is one too many: give what it is to be told."""
        if self._count.enter(key):
            return None
        REFUSED.labels("connections").inc()
        return FULL if self._count.in_all >= self._in_all else TOO_MANY

    def leave(self, key: str | None) -> None:
        """Count it no more."""
        self._count.leave(key)

    def __len__(self) -> int:
        return self._count.in_all


class Connection(web.RequestHandler):
    """A connection that is counted. One too many is told so and closed, and no byte of it is read."""

    __slots__ = ("_counted", "_front", "_key")

    def __init__(self, server: web.Server, front: Front, **settings: Any) -> None:
        """Take the `settings` of aiohttp's RequestHandler."""
        super().__init__(server, loop=asyncio.get_running_loop(), **settings)
        self._front = front
        self._key: str | None = None
        self._counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or close it."""
        self._key = self._front.key_of(transport)
        refusal = self._front.enter(self._key)
        if refusal is None:
            self._counted = True
            super().connection_made(transport)
            return
        self.close()  # whatever has come already is not parsed
        writing = cast("asyncio.Transport", transport)
        writing.write(refusal)
        writing.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for another."""
        if self._counted:
            self._counted = False
            self._front.leave(self._key)
            super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what broke, or could not be parsed: without its words, and with the security headers all the same."""
        response = super().handle_error(request, status, exc, message)
        if status < 500 and isinstance(response, web.Response):
            response.text = UNREADABLE
        response.headers.update(HEADERS)
        return response
