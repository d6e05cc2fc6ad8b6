"""One WebSocket: its end says why."""

import pytest

from parley.client.errors import BrokenError, RejectedError, TokenError, UnreachableError
from parley.client.socket import opened
from tests.fakes.switchboard import TICKET, captions, switchboard


async def read(url: str) -> list[str | bytes]:
    async with opened(url, "captions", "hall", token=TICKET, query={"language": "es"}) as socket:
        return [message async for message in socket.messages()]


async def test_messages_come_until_a_goodbye() -> None:
    """The address has the room, the token and what else is asked for."""
    async with switchboard(captions({"type": "pong"}, close=1000)) as server:
        assert await read(server.url) == ['{"type": "pong"}']
    assert server.paths == ["/ws/captions/hall"]
    assert server.queries == [{"language": "es", "token": "t"}]


async def test_another_close_code_is_an_error() -> None:
    """With the words of the server."""
    async with switchboard(captions(close=4001)) as server:
        with pytest.raises(TokenError, match="said the script"):
            await read(server.url)


async def test_a_connection_that_breaks_is_no_goodbye() -> None:
    """Without a close frame it may be tried again."""
    async with switchboard(captions(lost=True)) as server:
        with pytest.raises(BrokenError):
            await read(server.url)


async def test_my_own_goodbye_is_no_error() -> None:
    """Reading ends where the socket is closed here."""
    async with (
        switchboard(captions({"type": "pong"})) as server,
        opened(server.url, "captions", "hall", token=TICKET) as socket,
    ):
        async for _ in socket.messages():
            await socket.close()


async def test_a_socket_that_is_not_opened_says_why() -> None:
    """A status, with how long to wait; or nobody there."""
    async with switchboard(captions()) as server:
        server.refusals = [429]
        with pytest.raises(RejectedError) as caught:
            await read(server.url)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 7.0)
    with pytest.raises(UnreachableError):
        await read("http://127.0.0.1:1")
