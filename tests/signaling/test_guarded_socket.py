"""A WebSocket with bounds on what aiohttp answers by itself."""

import asyncio

import aiohttp

from signaling.guarded_socket import CONTROL_BURST
from signaling.protocol import Close
from tests.fakes.door import served_door
from tests.signaling.conftest import House

PING = b"\x89\x80" + bytes(4)
PONG = b"\x8a\x80" + bytes(4)


async def test_a_ping_is_answered_with_its_own_words(house: House) -> None:
    """As the protocol asks (RFC 6455, section 5.5.3); a pong that nobody asked for is passed over."""
    token = {"token": house.token()}
    async with house.http.ws_connect("/ws/signaling/demo", params=token, autoping=False) as socket:
        await socket.pong(b"unasked")
        await socket.ping(b"are you there")
        frame = await socket.receive(timeout=5)
        assert (frame.type, frame.data) == (aiohttp.WSMsgType.PONG, b"are you there")


async def test_a_flood_of_pings_ends_the_socket(house: House) -> None:
    """With 1008, after a burst: aiohttp would answer them all."""
    token = {"token": house.token()}
    async with house.http.ws_connect("/ws/captions/demo", params=token, autoping=False) as socket:
        for _ in range(CONTROL_BURST + 20):
            await socket.ping()
        frames = [(await socket.receive(timeout=5)).type for _ in range(CONTROL_BURST + 1)]
        assert frames == [aiohttp.WSMsgType.PONG] * CONTROL_BURST + [aiohttp.WSMsgType.CLOSE]
        assert socket.close_code == Close.POLICY


async def test_a_flood_of_pongs_ends_the_socket_too() -> None:
    """In one piece of 200,000 bytes: the loop is not held, and the connection is cut off."""
    async with served_door() as door, aiohttp.ClientSession() as http:
        token = {"token": door.token("demo")}
        async with http.ws_connect(f"{door.url}/ws/signaling/demo", params=token) as socket:
            transport = socket._writer.transport
            assert transport is not None
            transport.write(PONG * 33_000)
            async with asyncio.timeout(2):
                while not socket.closed:
                    await socket.receive()
