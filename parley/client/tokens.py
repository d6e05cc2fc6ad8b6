"""Where a client has its token from."""

from collections.abc import Awaitable, Callable

import aiohttp

from parley.client.address import Address
from parley.client.rest import request

TokenSource = str | Callable[[], Awaitable[str]] | None
"""A token; what fetches one, each time that one is needed; or None, for `dev_token`."""


async def dev_token(url: str, room: str, *, http: aiohttp.ClientSession | None = None) -> str:
    """Ask a server for a token without proving anything; servers give it on their own machine, or if set so.

    Raises:
        UnreachableError: there is no server.
        RejectedError: it does not give one, 403 say, or the room's name is none, 400.
    """
    answer = await request(Address(url).page("api/v1/dev-token"), {"room_id": room}, http=http)
    return str(answer["token"])


async def fetch(source: TokenSource, url: str, room: str, http: aiohttp.ClientSession | None) -> str:
    """Get a token from where it is had."""
    if source is None:
        return await dev_token(url, room, http=http)
    return source if isinstance(source, str) else await source()
