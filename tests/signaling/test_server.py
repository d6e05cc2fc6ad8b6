"""The limits of the server around the application."""

import asyncio

import aiohttp
import pytest

from signaling.app import build_app
from signaling.server import serving
from signaling.settings import SignalingSettings
from tests.fakes.door import served_door


async def test_it_serves_at_the_address_it_says() -> None:
    """Whatever port the system chose."""
    async with served_door() as door, aiohttp.ClientSession() as http, http.get(door.url) as response:
        assert door.url.startswith("http://127.0.0.1:")
        assert response.status == 200


async def test_an_ipv6_address_is_written_as_one() -> None:
    """In brackets, so that it can be opened."""
    async with served_door(SignalingSettings(host="::1")) as door, aiohttp.ClientSession() as http:
        assert door.url.startswith("http://[::1]:")
        async with http.get(door.url) as response:
            assert response.status == 200


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: a"])
async def test_headers_that_do_not_come_are_not_waited_for(sent: bytes) -> None:
    """A connection without a complete request is closed after the deadline."""
    async with served_door(SignalingSettings(header_deadline_s=0.1)) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(door.url.rpartition(":")[2]))
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await writer.wait_closed()


async def test_a_taken_port_is_said() -> None:
    """Two servers do not share one."""
    async with served_door() as door:
        settings = SignalingSettings(port=int(door.url.rpartition(":")[2]))
        with pytest.raises(OSError, match="address already in use"):
            async with serving(build_app(door.rooms, door.bus, settings)):
                pass
