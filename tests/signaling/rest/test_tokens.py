"""Tokens over REST: the operations hand over to those who make them."""

from tests.signaling.conftest import ROOM
from tests.signaling.rest.conftest import Api


async def test_a_token_opens_the_room(api: Api) -> None:
    """For who it was made for."""
    status, given = await api("POST", "tokens", {"room_id": ROOM, "participant_id": "ada", "role": "listener"})
    assert status == 201
    grant = api.house.door.tokens.verify(given["token"], ROOM)
    assert (grant.participant_id, grant.role) == ("ada", "listener")


async def test_a_token_can_be_revoked(api: Api) -> None:
    """And a second time."""
    _, given = await api("POST", "tokens", {"room_id": ROOM})
    for _ in range(2):
        assert (await api("DELETE", f"tokens/{given['token_id']}"))[0] == 204
    assert api.house.door.revocations.is_revoked(given["token_id"])


async def test_what_no_token_can_say_is_refused(api: Api) -> None:
    """What has the wrong form, and what has the right one but cannot be."""
    assert (await api.code("POST", "tokens", {}))[0] == 400
    assert (await api.code("POST", "tokens", {"room_id": ROOM, "languages": ["xx-nowhere"]}))[0] == 422


async def test_at_this_machine_one_gets_a_token_without_a_key(api: Api) -> None:
    """As before."""
    api.headers = {}
    status, given = await api("POST", "dev-token", {"room_id": ROOM})
    assert status == 200
    assert given["expires_in_s"] == 600
