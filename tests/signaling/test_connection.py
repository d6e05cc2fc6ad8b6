"""One connection, from before its first byte."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from signaling.addresses import Addresses
from signaling.connection import Front
from signaling.page import HEADERS
from signaling.settings import SignalingSettings
from tests.fakes.door import ServedDoor, served_door

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def connected(door: ServedDoor, source: str = "127.0.0.1") -> AsyncIterator[Streams]:
    """Connect from an address of this machine, and say nothing."""
    port = int(door.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def answer(streams: Streams) -> str:
    """Give what comes until the end."""
    return (await asyncio.wait_for(streams[0].read(), 5)).decode()


async def is_let_in(door: ServedDoor, source: str = "127.0.0.1") -> bool:
    """Say whether a request is answered."""
    async with connected(door, source) as (reader, writer):
        with contextlib.suppress(ConnectionError):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 200 ")
        return False


async def test_one_connection_too_many_is_told_so_before_it_says_anything() -> None:
    """429, when to come again, and the security headers; another address comes in, and so does this one later."""
    settings = SignalingSettings(unlimited_addresses=(), connections_per_address=2)
    async with served_door(settings) as door:
        async with connected(door), connected(door), connected(door) as third:
            text = await answer(third)
            assert text.startswith("HTTP/1.1 429 Too Many Requests\r\n")
            assert "\r\nRetry-After: 10\r\n" in text
            assert all(f"\r\n{name}: {value}\r\n" in text for name, value in HEADERS.items())
            assert not await is_let_in(door)
            assert await is_let_in(door, "127.0.0.2")
        async with asyncio.timeout(5):
            while not await is_let_in(door):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.01)


async def test_all_together_are_bounded() -> None:
    """Also those without limits of their own: 503."""
    settings = SignalingSettings(max_connections=2)
    async with served_door(settings) as door, connected(door), connected(door), connected(door) as third:
        assert (await answer(third)).startswith("HTTP/1.1 503 Service Unavailable\r\n")


async def test_a_proxys_connections_are_not_one_clients() -> None:
    """Many come through it."""
    settings = SignalingSettings(unlimited_addresses=(), trusted_proxies=("127.0.0.1",), connections_per_address=1)
    async with served_door(settings) as door, connected(door), connected(door):
        assert await is_let_in(door)


async def test_what_is_sent_behind_a_refusal_is_not_read() -> None:
    """No handler runs, no line is written."""
    settings = SignalingSettings(unlimited_addresses=(), connections_per_address=1)
    async with served_door(settings) as door, connected(door), connected(door) as (reader, writer):
        with contextlib.suppress(ConnectionError):
            writer.write(b"POST /api/v1/dev-token HTTP/1.1\r\nHost: a\r\n" * 100)
            assert b" 429 " in await asyncio.wait_for(reader.readline(), 5)


@pytest.mark.parametrize(
    "request_text",
    [b"NOT HTTP AT ALL\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: <b>x</b>\r\n\r\n"],
)
async def test_what_cannot_be_parsed_is_answered_with_the_security_headers(request_text: bytes) -> None:
    """And with nothing of what was sent."""
    async with served_door() as door, connected(door) as (reader, writer):
        writer.write(request_text)
        text = await answer((reader, writer))
    assert text.startswith("HTTP/1.0 400 ")
    assert all(f"\r\n{name}: {value}\r\n" in text for name, value in HEADERS.items())
    assert text.endswith("\r\n\r\nthis is not a request that can be answered")


async def test_connections_that_end_are_not_counted() -> None:
    """However they end."""
    settings = SignalingSettings(unlimited_addresses=(), connections_per_address=3)
    async with served_door(settings) as door, aiohttp.ClientSession() as http:
        for _ in range(4):
            async with connected(door) as (_, writer):
                writer.transport.abort()
            async with connected(door):
                pass
            async with http.get(f"{door.url}/healthz", headers={"Connection": "close"}) as response:
                assert response.status == 200
        async with connected(door), connected(door):
            assert await is_let_in(door)


def test_the_sum_goes_back_to_nothing() -> None:
    """Whatever was counted by."""
    front = Front(Addresses(), per_address=1, in_all=2)
    assert front.enter("a") is None
    assert front.enter("a") is not None
    assert front.enter(None) is None
    front.leave("a")
    front.leave(None)
    assert len(front) == 0
