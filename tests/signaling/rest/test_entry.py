"""Who may call what."""

import pytest

from signaling.identity.settings import TokenSettings
from tests.signaling.conftest import ROOM
from tests.signaling.rest.conftest import KEY, Api, OpenApi

KEY_ONLY = [("GET", "rooms"), ("POST", "rooms"), ("GET", "engines"), ("POST", "tokens"), ("DELETE", "tokens/abc")]
RULERS = [
    ("GET", f"rooms/{ROOM}"),
    ("PATCH", f"rooms/{ROOM}"),
    ("DELETE", f"rooms/{ROOM}"),
    ("GET", f"rooms/{ROOM}/participants"),
    ("DELETE", f"rooms/{ROOM}/participants/ada"),
    ("POST", f"rooms/{ROOM}/participants/ada/mute"),
    ("POST", f"rooms/{ROOM}/waiting/ada/admit"),
]
PUBLIC = ["languages", "openapi.json", "docs"]


SHOWN = ("", "Bearer", "Bearer wrong", "Basic " + KEY, "Bearer eyJ.x.y", "Bearer é")


async def test_without_a_key_there_is_nothing(api: Api) -> None:
    """Whatever is sent, and before it is looked at."""
    for shown in SHOWN:
        api.headers = {"Authorization": shown} if shown else {}
        for method, path in (*KEY_ONLY, *RULERS):
            status, code = await api.code(method, path, {"nonsense": 1})
            assert (status, code in ("api_key_needed", "unauthorized")) == (401, True), (shown, method, path)


async def test_some_things_are_public(api: Api) -> None:
    """What the page asks for, and what describes the rest."""
    api.headers = {}
    for path in PUBLIC:
        assert (await api("GET", path))[0] == 200


async def test_a_key_may_be_shown_in_a_header_of_its_own(api: Api) -> None:
    """As some clients do it."""
    api.headers = {"X-Api-Key": KEY}
    assert (await api("GET", "rooms"))[0] == 200


async def test_a_host_rules_their_room(api: Api) -> None:
    """With the token with which they are in it."""
    await api("POST", "rooms", {"room_id": ROOM})
    api.headers = api.by("host")
    assert (await api("GET", f"rooms/{ROOM}"))[0] == 200
    assert (await api("PATCH", f"rooms/{ROOM}", {"locked": True}))[0] == 200


async def test_a_host_rules_no_other_room(api: Api) -> None:
    """Nor what is of no room."""
    api.headers = api.by("host", "another")
    assert await api.code("GET", f"rooms/{ROOM}") == (403, "other_room")
    assert (await api.code("GET", "rooms"))[0] == 401


@pytest.mark.parametrize("role", ["speaker", "listener"])
async def test_others_rule_nothing(api: Api, role: str) -> None:
    """They have a good token, but not this right."""
    api.headers = api.by(role)  # type: ignore[arg-type]
    assert await api.code("DELETE", f"rooms/{ROOM}") == (403, "hosts_only")


async def test_a_revoked_token_rules_no_more(api: Api) -> None:
    """As with the sockets."""
    await api("POST", "rooms", {"room_id": ROOM})
    _, given = await api("POST", "tokens", {"room_id": ROOM, "role": "host"})
    key, host = api.headers, {"Authorization": f"Bearer {given['token']}"}
    assert (await api("GET", f"rooms/{ROOM}", headers=host))[0] == 200
    assert (await api("DELETE", f"tokens/{given['token_id']}", headers=key))[0] == 204
    assert await api.code("GET", f"rooms/{ROOM}", headers=host) == (401, "unauthorized")


async def test_without_keys_in_the_settings_nobody_has_one(open_api: OpenApi) -> None:
    """No default key works."""
    api = await open_api(tokens=TokenSettings())
    assert await api.code("GET", "rooms") == (401, "api_key_needed")
