"""Tokens for services that have an API key, and their end."""

import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from signaling.identity import revocations as revocations_module
from signaling.identity.settings import TokenSettings
from signaling.protocol import Close
from tests.signaling.conftest import Client, House, OpenHouse
from tests.support.until import until

KEY = "k" * 32
HEADERS = {"X-Api-Key": KEY}
PATH = "/api/v1/tokens"


@pytest.fixture
async def shop(open_house: OpenHouse) -> House:
    """Give a door at which one service may ask for tokens."""
    return await open_house(tokens=TokenSettings(api_keys=(f"shop:{KEY}",)))


async def ask(house: House, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    async with house.http.post(PATH, json=body, headers={**HEADERS, **headers}) as response:
        return response.status, await response.json()


async def revoke(house: House, token_id: str) -> int:
    async with house.http.delete(f"{PATH}/{token_id}", headers=HEADERS) as response:
        return response.status


async def test_a_service_gives_people_tokens(shop: House) -> None:
    """With it they come in as it was said; who asked and for whom is logged, the token is not."""
    with capture_logs() as lines:
        status, given = await ask(shop, {"room_id": "demo", "participant_id": "ada", "role": "host"})
    assert status == 201
    grant = shop.door.tokens.verify(given["token"], "demo")
    assert (grant.participant_id, grant.role, grant.token_id) == ("ada", "host", given["token_id"])
    assert {"room_id", "participant_id", "expires_at", "ends_at"} < set(given)
    (line,) = [line for line in lines if line["event"] == "token_issued"]
    assert (line["api_key"], line["room_id"], line["token_id"]) == ("shop", "demo", given["token_id"])
    assert given["token"] not in str(lines)
    assert KEY not in str(lines)
    async with shop.http.ws_connect("/ws/signaling/demo", params={"token": given["token"]}) as socket:
        assert (await Client(socket).join())["participant_id"] == "ada"


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "x" * 32}, {"Authorization": "Bearer " + "x" * 32}])
async def test_without_an_api_key_nothing_is_given_or_revoked(shop: House, headers: dict[str, str]) -> None:
    """Nor told."""
    async with shop.http.post(PATH, json={"room_id": "demo"}, headers=headers) as response:
        assert response.status == 401
        assert "token" not in (await response.json())["error"]
    async with shop.http.delete(f"{PATH}/one", headers=headers) as response:
        assert response.status == 401
    assert not shop.door.revocations.is_revoked("one")


async def test_a_participants_token_is_no_api_key(shop: House) -> None:
    """Not even a host's."""
    token = shop.token("demo", "ada", role="host")
    async with shop.http.post(PATH, json={"room_id": "demo"}, headers={"Authorization": f"Bearer {token}"}) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"room_id": 7}, 400, "bad_request"),
        ({"room_id": "demo", "king": True}, 400, "bad_request"),
        ([], 400, "bad_request"),
        ({"room_id": "a b"}, 422, "unfit"),
        ({"room_id": "demo", "languages": ["klingon?"]}, 422, "unfit"),
        ({"room_id": "demo", "visit_s": 31 * 24 * 3600}, 422, "unfit"),
    ],
    ids=str,
)
async def test_what_cannot_be_given(shop: House, body: object, status: int, code: str) -> None:
    """It is told with words."""
    answered, answer = await ask(shop, body)
    assert (answered, answer["error"]["code"]) == (status, code)
    assert len(answer["error"]["message"]) > 10


async def test_a_body_that_is_not_json(shop: House) -> None:
    """A plain form, which other sites could send without asking, is not taken."""
    async with shop.http.post(PATH, data={"room_id": "demo"}, headers=HEADERS) as response:
        assert response.status == 415


async def test_who_came_with_a_revoked_token_is_out(shop: House) -> None:
    """At once, as if a host had removed them, and neither token nor resume token opens anything any more."""
    _, given = await ask(shop, {"room_id": "demo", "participant_id": "ada"})
    async with shop.http.ws_connect("/ws/signaling/demo", params={"token": given["token"]}) as socket:
        ada = Client(socket)
        joined = await ada.join()
        participant = shop.participant("ada")
        began = time.monotonic()
        assert await revoke(shop, given["token_id"]) == 204
        assert await ada.closed() == Close.TOKEN_ENDED
        assert time.monotonic() - began < 2
    await until(lambda: participant.left == "removed")
    for token in (given["token"], joined["resume_token"]):
        async with shop.http.ws_connect("/ws/signaling/demo", params={"token": token}) as socket:
            assert (await socket.receive(timeout=5)).data == Close.BAD_TOKEN
    assert await revoke(shop, given["token_id"]) == 204


async def test_what_is_no_token_id(shop: House) -> None:
    """It is refused; a path leads nowhere else."""
    for token_id in ("a" * 129, "a%20b", "%C3%A9"):
        assert await revoke(shop, token_id) == 400


async def test_when_no_more_can_be_revoked_it_is_told(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than that an earlier one counts again."""
    monkeypatch.setattr(revocations_module, "_MOST", 1)
    assert [await revoke(shop, "one"), await revoke(shop, "two")] == [204, 503]
