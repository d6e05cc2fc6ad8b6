"""Who gets a socket, and the captions socket."""

import aiohttp
import pytest

from signaling.protocol import Close
from tests.fakes.said import transcript, translation
from tests.signaling.conftest import ROOM, Client, House, OpenHouse
from tests.signaling.test_tokens import BAD
from tests.support.until import until

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


# Captions only.


async def _captions(house: House, **query: str) -> aiohttp.ClientWebSocketResponse:
    return await house.http.ws_connect("/ws/captions/demo", params={"token": house.token(), **query})


async def test_all_captions(house: House) -> None:
    """Without a language: what was recognised, and every translation."""
    async with await _captions(house) as socket:
        await house.bus.publish(transcript("good morning"))
        first = await socket.receive_json(timeout=5)
        await house.bus.publish(translation("buenos días", "good morning"))
        second = await socket.receive_json(timeout=5)
    assert [(c["type"], c["event"], c["language"], c["text"]) for c in (first, second)] == [
        ("caption", "caption", "en", "good morning"),
        ("caption", "caption", "es", "buenos días"),
    ]


async def test_captions_of_one_language(house: House) -> None:
    """With one: what somebody with that listening language gets."""
    async with await _captions(house, language="ES") as socket:
        await house.bus.publish(transcript("good morning"))
        await house.bus.publish(translation("buenos días", "good morning"))
        assert (await socket.receive_json(timeout=5))["text"] == "buenos días"


async def test_captions_of_no_language(house: House) -> None:
    """A tag that is none is refused with words."""
    async with house.http.get(
        "/ws/captions/demo", params={"token": house.token(), "language": "klingonese"}
    ) as response:
        assert response.status == 400
        assert "is not a language tag" in await response.text()


async def test_captions_of_another_room_stay_there(house: House) -> None:
    """A room's captions reach nobody outside of it."""
    async with await _captions(house) as socket:
        await house.bus.publish(transcript("secret", room_id="other"))
        await house.bus.publish(transcript("here"))
        assert (await socket.receive_json(timeout=5))["text"] == "here"


async def test_what_is_said_to_the_captions_socket_is_ignored(house: House) -> None:
    """It only listens to be closed."""
    async with await _captions(house) as socket:
        await socket.send_str("hello")
        await house.bus.publish(transcript("here"))
        assert (await socket.receive_json(timeout=5))["text"] == "here"


async def test_who_floods_the_captions_socket_is_sent_away(open_house: OpenHouse) -> None:
    """Nothing is answered there, so there is no warning."""
    house = await open_house(messages_per_second=0.001, message_burst=5)
    async with await _captions(house) as socket:
        for _ in range(6):
            await socket.send_str("hello")
        assert (await socket.receive(timeout=5)).data == Close.POLICY


async def test_captions_in_a_language_that_nobody_listens_in(house: House) -> None:
    """What was not aimed at it is shown as it was recognised: no translation will come."""
    async with await _captions(house, language="fr") as socket:
        await house.bus.publish(transcript("good morning"))
        caption = await socket.receive_json(timeout=5)
    assert (caption["language"], caption["text"]) == ("en", "good morning")


async def test_a_caption_reader_that_does_not_read_is_given_up(open_house: OpenHouse) -> None:
    """Final captions are not dropped: the reader is."""
    house = await open_house(outbox_size=4)
    async with await _captions(house) as socket:
        await until(lambda: house.door.feed.is_read(ROOM))
        for clause in range(20):
            house.door.feed.take(transcript("word", clause=clause))
        while not socket.closed:
            await socket.receive(timeout=5)
        assert socket.close_code == Close.TOO_SLOW
    await until(lambda: not house.door.feed.is_read(ROOM))
