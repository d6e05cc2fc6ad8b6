"""The REST interface, as far as a bot needs it: rooms and tokens."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from parley.client.address import Address
from parley.client.errors import RejectedError, UnreachableError

TIMEOUT_S = 15.0
"""For one request, all in all."""
_LONGEST_BODY = 200
# Characters of a refusal that an error quotes.


class Rest:
    """`/api/v1` of a server, with an API key."""

    def __init__(self, url: str, api_key: str, *, http: aiohttp.ClientSession | None = None) -> None:
        self._address = Address(url)
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._http = http

    async def create_room(self, room: str, **fields: object) -> dict[str, Any]:
        """Make a room with what it is to be like (see the server's OpenAPI document).

        Raises:
            UnreachableError: there is no server.
            RejectedError: it says no: a wrong key, 401; a field that is none, 400 or 422.
        """
        return await self._post("api/v1/rooms", {"room_id": room, **fields})

    async def create_token(self, room: str, **fields: object) -> str:
        """Make a token for somebody: `participant_id`, `name`, `role`, `languages` and others (see OpenAPI).

        Raises:
            UnreachableError, RejectedError: as for `create_room`.
        """
        return str((await self._post("api/v1/tokens", {"room_id": room, **fields}))["token"])

    async def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return await request(self._address.page(path), body, headers=self._headers, http=self._http)


async def request(
    url: URL,
    body: Mapping[str, object] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    http: aiohttp.ClientSession | None = None,
) -> dict[str, Any]:
    """POST a JSON object, and give the one that comes back; an empty one if nothing does.

    Raises:
        UnreachableError: there is no server, or it took too long.
        RejectedError: its status is not one of success.
    """
    async with session(http) as using:
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            async with using.post(url, json=body, headers=headers, timeout=timeout) as response:
                text = await response.text()
                if not response.ok:
                    raise RejectedError(response.status, text[:_LONGEST_BODY], retry_after_s(response))
                return dict(json.loads(text)) if text else {}
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnreachableError(str(url.with_query(None)), str(error) or type(error).__name__) from None


def retry_after_s(response: aiohttp.ClientResponse | aiohttp.WSServerHandshakeError) -> float | None:
    """Read how long a refusal asks to wait; None: it does not say, or not in seconds."""
    try:
        return float(response.headers["Retry-After"]) if response.headers else None
    except (KeyError, ValueError):
        return None


@asynccontextmanager
async def session(http: aiohttp.ClientSession | None) -> AsyncIterator[aiohttp.ClientSession]:
    """Use this session and leave it open, or one of our own."""
    if http is not None:
        yield http
        return
    async with aiohttp.ClientSession() as own:
        yield own
