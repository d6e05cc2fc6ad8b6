"""Development tokens: for whoever sits at this machine."""

import asyncio
from typing import Any

import pytest

from signaling import rate_limit
from signaling.hosting.entry import rights_of
from tests.signaling.conftest import House, OpenHouse

PATH = "/api/v1/dev-token"


async def ask(house: House, body: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
    wanted = {"room_id": "demo"} if body is None else body
    async with house.http.post(PATH, json=wanted, headers=headers) as response:
        return response.status, await response.json()


async def test_at_this_machine_one_gets_a_token(house: House) -> None:
    """It opens the room that was asked for."""
    status, answer = await ask(house)
    assert status == 200
    assert answer["expires_in_s"] == 600
    assert house.door.tokens.verify(answer["token"], "demo").room_id == "demo"


async def test_who_opens_a_room_can_be_its_host(house: House) -> None:
    """While no host is there; who asks beside one gets a speaker's token, and so does who does not ask."""
    anybody = {"speaking_language": "en", "listening_language": "en", "original": "off", "events": lambda _: None}
    roles = []
    for wanted in ("speaker", "host", "host"):
        _, answer = await ask(house, {"room_id": "demo", "role": wanted})
        grant = house.door.tokens.verify(answer["token"], "demo")
        assert grant.role == answer["role"]
        roles.append(grant.role)
        rights = rights_of(grant)
        house.rooms.open("demo").join(participant_id=grant.participant_id, name="A", rights=rights, **anybody)  # type: ignore[arg-type]
    assert roles == ["speaker", "host", "speaker"]


@pytest.mark.parametrize(
    "headers", [{"Host": "rebound.evil.org"}, {"X-Forwarded-For": "192.0.2.1"}, {"Host": "192.0.2.7:8080"}]
)
async def test_from_elsewhere_one_gets_words(house: House, headers: dict[str, str]) -> None:
    """A rebound name or a proxy is not this machine; the refusal says what to do."""
    status, answer = await ask(house, **headers)
    assert status == 403
    assert answer["error"]["code"] == "dev_tokens_off"
    assert "dev_tokens" in answer["error"]["message"]


async def test_a_setting_gives_them_to_everybody(open_house: OpenHouse) -> None:
    """For a demonstration on a trusted network."""
    status, _ = await ask(await open_house(dev_tokens="always"), **{"X-Forwarded-For": "192.0.2.1"})
    assert status == 200


async def test_a_setting_gives_them_to_nobody(open_house: OpenHouse) -> None:
    """Where real tokens are in use, there are none of these."""
    status, _ = await ask(await open_house(dev_tokens="never"))
    assert status == 403


async def test_another_sites_page_gets_none(house: House) -> None:
    """Not even in the browser of somebody at this machine."""
    async with house.http.post(PATH, json={"room_id": "demo"}, headers={"Origin": "https://evil.org"}) as response:
        assert response.status == 403


@pytest.mark.parametrize("room_id", ["", "a b", "a/b", "../x", "a" * 65, "é", "demo\n"])
async def test_a_room_needs_a_good_id(house: House, room_id: str) -> None:
    """Ids go into keys and paths."""
    status, answer = await ask(house, {"room_id": room_id})
    assert (status, answer["error"]["code"]) == (400, "bad_room_id")


@pytest.mark.parametrize("body", [{}, {"room_id": 7}, [], "demo", {"room_id": "demo", "role": "king"}])
async def test_a_body_of_another_shape(house: House, body: object) -> None:
    """The refusal shows the right one."""
    status, answer = await ask(house, body)
    assert (status, answer["error"]["code"]) == (400, "bad_request")


async def test_a_body_that_is_not_json(house: House) -> None:
    """A plain form, which other sites could send without asking, is not taken."""
    async with house.http.post(PATH, data={"room_id": "demo"}) as response:
        assert response.status == 415


async def test_a_body_that_is_not_encoded_as_it_says(house: House) -> None:
    """Nothing is ever inflated, whatever it would become."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with house.http.post(PATH, data=b'{"room_id": "demo"}', headers=headers) as response:
        assert response.status == 415
        assert (await response.json())["error"]["code"] == "encoded"


async def test_a_body_that_is_too_large(house: House) -> None:
    """64 KiB are enough for everybody."""
    async with house.http.post(PATH, json={"room_id": "a" * 70_000}) as response:
        assert response.status == 413


async def test_a_body_that_does_not_come(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for without end."""
    monkeypatch.setattr(rate_limit, "BODY_S", 0.05)
    reader, writer = await asyncio.open_connection(house.http.host, house.http.port)
    head = (f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Content-Length: 99")
    writer.write("\r\n".join((*head, "", "")).encode())
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()
