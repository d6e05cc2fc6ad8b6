"""Who gets a socket."""

import contextlib
import time
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from signaling import admission
from signaling.identity.grant import Grant
from signaling.identity.settings import TokenSettings
from signaling.identity.watch import EXPIRED, REVOKED
from signaling.protocol import Close
from tests.signaling.conftest import ROOM, Client, House, OpenHouse
from tests.signaling.identity.bad_tokens import BAD, GOOD, JWKS, SETTINGS, Bad
from tests.support.until import until

PATHS = ["/ws/signaling/demo", "/ws/captions/demo", "/ws/audio/demo"]
# Longer ones do not fit into the first line of a request: 400.
ALL = {name: bad for name, bad in BAD.items() if len(bad.token) < 7000}
ONE_OF_EACH = {bad.why: bad for bad in ALL.values()}


@pytest.fixture
async def strict(open_house: OpenHouse, tmp_path: Path) -> House:
    """Give a door with secrets in rotation and somebody else's public keys."""
    (file := tmp_path / "jwks.json").write_bytes(JWKS)
    tokens = replace(SETTINGS.tokens, jwks_file=str(file))
    return await open_house(token_secret=SETTINGS.token_secret, tokens=tokens)


@pytest.mark.parametrize(("path", "bads"), [(PATHS[0], ALL), *((path, ONE_OF_EACH) for path in PATHS[1:])])
async def test_a_bad_token_is_closed_with_4001_and_no_other_frame(
    strict: House, path: str, bads: dict[str, Bad]
) -> None:
    """Whatever is wrong with it, it is told why, and nothing else happens; a good one is not closed."""
    for name, bad in bads.items():
        async with strict.http.ws_connect(path, params={"token": bad.token}) as socket:
            frame = await socket.receive(timeout=5)
            assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, Close.BAD_TOKEN), name
            assert frame.extra == f"token {bad.why}", name
    assert strict.rooms.get(ROOM) is None
    assert not strict.door.presences
    for name, token in GOOD.items():
        async with strict.http.ws_connect(path, params={"token": token}) as socket:
            with contextlib.suppress(TimeoutError):  # nothing is said, or something is
                assert (await socket.receive(timeout=0.02)).type is aiohttp.WSMsgType.TEXT, name


@pytest.mark.parametrize(("document", "missing"), [(JWKS, []), (b"", ["token_keys"])], ids=["here", "missing"])
async def test_the_keys_that_should_be_here_are_needed(
    open_house: OpenHouse, tmp_path: Path, document: bytes, missing: list[str]
) -> None:
    """Until they are, others are to let people in."""
    (file := tmp_path / "jwks.json").write_bytes(document)
    house = await open_house(tokens=TokenSettings(jwks_file=str(file)))
    async with house.http.get("/readyz") as response:
        assert (response.status == 200) is not bool(missing)
        assert (await response.json())["missing"] == missing


# When a token ends.


async def end_of(socket: aiohttp.ClientWebSocketResponse) -> aiohttp.WSMessage:
    """Read on until it is closed, and give the last frame."""
    while (frame := await socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
        pass
    return frame


def grant_of(house: House) -> Grant:
    """Give the grant by which the only socket lives."""
    (watch,) = house.door.watches.values()
    return watch.grant


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_that_is_revoked_closes_its_socket_with_4401(house: House, path: str) -> None:
    """At once, with the reason, and nothing is left."""
    async with house.http.ws_connect(path, params={"token": house.token()}) as socket:
        await until(lambda: bool(house.door.watches))
        house.door.revocations.revoke(grant_of(house).token_id, time.time() + 60)
        frame = await end_of(socket)
        assert (frame.data, frame.extra) == (Close.TOKEN_ENDED, REVOKED)
    await until(lambda: not house.door.sockets)
    assert not house.door.watches


@pytest.mark.parametrize("path", PATHS)
async def test_a_token_that_expires_closes_its_socket_with_4401(open_house: OpenHouse, path: str) -> None:
    """Not before its time is over."""
    house = await open_house(token_leeway_s=0)
    ends_at = float(int(time.time()) + 1)
    async with house.http.ws_connect(path, params={"token": house.token(ROOM, "ada", expires_at=ends_at)}) as socket:
        frame = await end_of(socket)
        assert (frame.data, frame.extra) == (Close.TOKEN_ENDED, EXPIRED)
        assert ends_at <= time.time() < ends_at + 1


async def test_a_token_that_ends_puts_its_participant_out(house: House) -> None:
    """No place is kept for them; the other one stays."""
    async with house.client("ada") as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        token_id = next(watch.grant.token_id for watch in house.door.watches.values())
        participant = house.participant("ada")
        house.door.revocations.revoke(token_id, time.time() + 60)
        assert await ada.closed() == Close.TOKEN_ENDED
        left = await bea.next("participant_left")
        assert (left["participant_id"], left["reason"]) == ("ada", "removed")
        await until(lambda: participant.left == "removed")
        await bea.send("ping")
        await bea.next("pong")


async def test_a_client_that_does_not_read_is_out_as_well(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its goodbye is not waited for without end."""
    monkeypatch.setattr(admission, "_CLOSE_S", 0.1)
    async with house.http.ws_connect(PATHS[0], params={"token": house.token(ROOM, "ada")}, autoclose=False) as socket:
        await Client(socket).join()
        participant = house.participant("ada")
        house.door.revocations.revoke(grant_of(house).token_id, time.time() + 60)
        await until(lambda: participant.left == "removed")
        await until(lambda: not house.door.sockets)


async def test_a_token_ends_the_same_way_when_nobody_has_joined(house: House) -> None:
    """Before `join`."""
    async with house.client("ada") as ada:
        await until(lambda: bool(house.door.watches))
        house.door.revocations.revoke(grant_of(house).token_id, time.time() + 60)
        assert await ada.closed() == Close.TOKEN_ENDED


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
