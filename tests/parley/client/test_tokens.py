"""Tokens: given, fetched, or asked for as a development token."""

import pytest
from aiohttp import web

from parley.client.errors import RejectedError
from parley.client.tokens import dev_token, fetch
from tests.fakes.switchboard import room, switchboard


async def test_a_token_comes_from_where_it_is_had() -> None:
    """As it is, from whoever fetches it, or from the server."""

    async def fetched() -> str:
        return "fetched"

    async with switchboard(room()) as server:
        assert await fetch("given", server.url, "hall", None) == "given"
        assert await fetch(fetched, server.url, "hall", None) == "fetched"
        assert await fetch(None, server.url, "hall", None) == "token-1"
    assert server.posts[0][:2] == ("/api/v1/dev-token", {"room_id": "hall"})


async def test_a_server_that_gives_none_says_so() -> None:
    """Development tokens are off on servers that stand in the open."""
    async with switchboard(room()) as server:
        server.answers = [web.json_response({"error": {"code": "dev_tokens_off"}}, status=403)]
        with pytest.raises(RejectedError, match="dev_tokens_off"):
            await dev_token(server.url, "hall")
