"""The REST interface from the client's side."""

import pytest
from aiohttp import web
from yarl import URL

from parley.client.errors import RejectedError, UnreachableError
from parley.client.rest import Rest, request
from tests.fakes.switchboard import room, switchboard


async def test_rooms_and_tokens_are_made_with_the_key() -> None:
    """Each is a POST with the API key, and gives what the server answers."""
    async with switchboard(room()) as server:
        server.answers = [web.json_response({"room_id": "hall"}, status=201), web.json_response({"token": "abc"})]
        rest = Rest(server.url, "key")
        assert await rest.create_room("hall", lobby=True) == {"room_id": "hall"}
        assert await rest.create_token("hall", role="host") == "abc"
    (first, made, headers), (second, asked, _) = server.posts
    assert (first, made) == ("/api/v1/rooms", {"room_id": "hall", "lobby": True})
    assert (second, asked) == ("/api/v1/tokens", {"room_id": "hall", "role": "host"})
    assert headers["Authorization"] == "Bearer key"


async def test_a_refusal_is_told_with_its_status() -> None:
    """And with how long to wait, if the server says so."""
    async with switchboard(room()) as server:
        server.answers = [web.Response(status=429, text="slow down", headers={"Retry-After": "3"})]
        with pytest.raises(RejectedError, match="429: slow down") as caught:
            await Rest(server.url, "key").create_token("hall")
    assert (caught.value.is_busy, caught.value.retry_after_s) == (True, 3.0)


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Nobody listens on port 1."""
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1"):
        await request(URL("http://127.0.0.1:1/api/v1/rooms"), {})
