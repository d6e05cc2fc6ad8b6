"""What is asked of every request before a handler sees it."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from signaling import rate_limit
from signaling.protocol import Close
from tests.fakes.door import served_door
from tests.signaling.conftest import ROOM, House, OpenHouse

EVERYBODY = {"unlimited_addresses": ()}


async def test_what_is_asked_too_often_is_refused_with_the_time_to_wait(open_house: OpenHouse) -> None:
    """429 with Retry-After in whole seconds, and words; the page and the probes go on."""
    house = await open_house(**EVERYBODY, requests_per_second=0.1, request_burst=2)
    for _ in range(2):
        async with house.http.get("/api/v1/languages") as response:
            assert response.status == 200
    async with house.http.get("/api/v1/languages") as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "10"
        assert (await response.json())["error"]["code"] == "too_many_requests"
    for path in ("/", "/healthz", "/assets/js/main.js"):
        async with house.http.get(path) as response:
            assert response.status == 200


async def test_new_sockets_are_requests_as_well(open_house: OpenHouse) -> None:
    """To verify a token and to upgrade is what costs."""
    house = await open_house(**EVERYBODY, requests_per_second=0.1, request_burst=1)
    async with house.http.ws_connect("/ws/signaling/demo") as socket:
        assert (await socket.receive(timeout=5)).data == Close.BAD_TOKEN
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.http.ws_connect("/ws/signaling/demo", params={"token": house.token()})
    assert refused.value.status == 429


async def test_twenty_sockets_an_address(open_house: OpenHouse) -> None:
    """Of both kinds together. The next is refused before its upgrade, with a time to wait; who leaves makes room."""
    house = await open_house(**EVERYBODY)
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket_of(house, number)) for number in range(20)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with socket_of(house, 21):
                pass
        assert refused.value.status == 429
        assert refused.value.headers is not None
        assert refused.value.headers["Retry-After"] == "5"
        await sockets[0].close()
        async with asyncio.timeout(5):
            while not await comes_in(house):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def socket_of(house: House, number: int) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Open a socket as somebody of their own."""
    path = f"/ws/{('signaling', 'captions')[number % 2]}/demo"
    async with house.http.ws_connect(path, params={"token": house.token(ROOM, f"p-{number}")}) as socket:
        yield socket


async def comes_in(house: House) -> bool:
    """Say whether one more socket is opened."""
    try:
        async with socket_of(house, 22):
            return True
    except aiohttp.WSServerHandshakeError:
        return False


async def test_five_sockets_an_identity(house: House) -> None:
    """The sixth is closed with words; somebody else, and the same person in another room, are let in."""
    async with contextlib.AsyncExitStack() as stack:
        token = house.token(ROOM, "ada")
        for _ in range(5):
            await stack.enter_async_context(house.http.ws_connect("/ws/captions/demo", params={"token": token}))
        async with house.http.ws_connect("/ws/signaling/demo", params={"token": token}) as socket:
            frame = await socket.receive(timeout=5)
            assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, Close.TOO_MANY_SOCKETS)
            assert frame.extra == "too many sockets: close another one"
        async with house.client("bea") as bea, house.client("ada", "other") as elsewhere:
            assert await bea.join()
            assert await elsewhere.join()


async def test_a_compressed_body_is_not_looked_at() -> None:
    """A kilobyte may be a megabyte: there is nothing here that needs it."""
    bomb = gzip.compress(json.dumps({"room_id": "x" * 10_000_000}).encode())
    assert len(bomb) < 20_000
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with (
        served_door() as door,
        aiohttp.ClientSession() as http,
        http.post(f"{door.url}/api/v1/dev-token", data=bomb, headers=headers) as response,
    ):
        assert response.status == 415
        assert (await response.json())["error"]["code"] == "encoded"


async def test_no_encoding_is_known() -> None:
    """Whatever it is called; on any path."""
    async with served_door() as door, aiohttp.ClientSession() as http:
        for encoding in ("deflate", "br", "zstd", "gzip, gzip", "GZIP", "x"):
            async with http.post(door.url, data=b"x", headers={"Content-Encoding": encoding}) as response:
                assert response.status == 415, encoding


async def test_a_body_that_does_not_come_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler never hears of it."""
    monkeypatch.setattr(rate_limit, "BODY_S", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(0.3)
        yield b"}"

    headers = {"Content-Type": "application/json"}
    async with house.http.post("/api/v1/dev-token", data=slowly(), headers=headers) as response:
        assert response.status == 408


async def test_a_body_that_is_too_large_is_not_read(house: House) -> None:
    """64 KiB."""
    headers = {"Content-Type": "application/json"}
    async with house.http.post("/api/v1/dev-token", data=b" " * 65_537, headers=headers) as response:
        assert response.status == 413


async def test_event_streams_count_as_sockets(open_house: OpenHouse) -> None:
    """They stay as long."""
    house = await open_house(**EVERYBODY, sockets_per_address=1)
    async with socket_of(house, 1), house.http.get("/", headers={"Accept": "text/event-stream"}) as response:
        assert response.status == 429
    async with house.http.get("/", headers={"Accept": "text/html"}) as response:
        assert response.status == 200
