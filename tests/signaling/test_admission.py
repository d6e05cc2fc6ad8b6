"""Who gets a socket."""

import aiohttp
import pytest

from signaling.protocol import Close
from tests.signaling.conftest import ROOM, Client, House, OpenHouse
from tests.signaling.identity.test_tokens import BAD

PATHS = ["/ws/signaling/demo", "/ws/captions/demo"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", [token for token in BAD.values() if len(token) < 8000])
async def test_a_bad_token_is_closed_with_4001_and_no_other_frame(house: House, path: str, token: str) -> None:
    """Whatever is wrong with it, nothing else happens."""
    async with house.http.ws_connect(path, params={"token": token}) as socket:
        frame = await socket.receive(timeout=5)
        assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, Close.BAD_TOKEN)
    assert house.rooms.get(ROOM) is None


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_token_nobody_comes_in(house: House, path: str) -> None:
    """No token is a bad token."""
    async with house.http.ws_connect(path) as socket:
        assert (await socket.receive(timeout=5)).data == Close.BAD_TOKEN


async def test_a_token_opens_no_other_room(house: House) -> None:
    """The room is the one in the token."""
    async with house.http.ws_connect("/ws/signaling/other", params={"token": house.token("demo")}) as socket:
        assert (await socket.receive(timeout=5)).data == Close.BAD_TOKEN


@pytest.mark.parametrize("path", PATHS)
async def test_another_sites_page_gets_no_socket(house: House, path: str) -> None:
    """A good token does not help a foreign origin: the upgrade is refused."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.http.ws_connect(path, params={"token": house.token()}, headers={"Origin": "https://evil.org"})
    assert refused.value.status == 403


async def test_an_origin_on_the_list_gets_one(open_house: OpenHouse) -> None:
    """Pages served elsewhere can be allowed by name."""
    house = await open_house(allowed_origins=("https://app.example.org",))
    headers = {"Origin": "https://app.example.org"}
    async with house.http.ws_connect(PATHS[0], params={"token": house.token()}, headers=headers) as socket:
        assert await Client(socket).join()


async def test_nothing_is_compressed(house: House) -> None:
    """A client that offers compression is not taken up on it: no decompression bombs."""
    async with house.http.ws_connect(PATHS[0], params={"token": house.token()}, compress=15) as socket:
        assert socket.compress == 0


@pytest.mark.parametrize("path", PATHS)
async def test_a_draining_server_takes_nobody_new(house: House, path: str) -> None:
    """The socket is closed with 1001 and words, and no other frame; a bad token is told so as ever."""
    house.door.health.drain()
    async with house.http.ws_connect(path, params={"token": house.token()}) as socket:
        frame = await socket.receive(timeout=5)
        assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, Close.GOING_AWAY)
        assert frame.extra == "this server is about to stop: join again in a moment"
    async with house.http.ws_connect(path) as socket:
        assert (await socket.receive(timeout=5)).data == Close.BAD_TOKEN


async def test_who_is_here_may_come_back_while_the_server_drains(house: House) -> None:
    """Their link may break in mid-sentence."""
    async with house.client("ada") as ada:
        await ada.join()
        house.door.health.drain()
        async with house.client("ada") as again:
            assert await again.join()


async def test_a_request_that_is_no_websocket(house: House) -> None:
    """It is a bad request, not a fault of ours."""
    async with house.http.get(PATHS[0], params={"token": house.token()}) as response:
        assert response.status == 400
