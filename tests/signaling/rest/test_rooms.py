"""Rooms, from their making to their end."""

import asyncio

import pytest

from signaling.nodes.errors import RedisDownError
from signaling.protocol import Close
from tests.signaling.conftest import ROOM
from tests.signaling.rest.conftest import Api
from tests.support.until import until


async def test_a_room_is_made_changed_and_ended(api: Api) -> None:
    """And is gone then, until it is made again."""
    status, room = await api("POST", "rooms", {"room_id": ROOM, "lobby": True, "speaking_language": "EN-gb"})
    assert status == 201
    assert (room["room_id"], room["lobby"], room["speaking_language"], room["persistent"]) == (
        ROOM,
        True,
        "en-GB",
        True,
    )
    status, changed = await api("PATCH", f"rooms/{ROOM}", {"lobby": False, "max_participants": 3})
    assert (status, changed["lobby"], changed["max_participants"]) == (200, False, 3)
    assert await api("GET", f"rooms/{ROOM}") == (200, changed)
    assert await api("DELETE", f"rooms/{ROOM}") == (204, None)
    assert await api.code("GET", f"rooms/{ROOM}") == (404, "no_such_room")
    assert await api.code("PATCH", f"rooms/{ROOM}", {}) == (404, "no_such_room")
    status, anew = await api("POST", "rooms", {"room_id": ROOM})
    assert (status, anew["lobby"], anew["speaking_language"]) == (201, False, None)


async def test_a_room_gets_an_id(api: Api) -> None:
    """One that nobody has."""
    (_, one), (_, other) = await api("POST", "rooms", {}), await api("POST", "rooms", {})
    assert one["room_id"].startswith("r-")
    assert one["room_id"] != other["room_id"]


async def test_a_room_is_made_once(api: Api) -> None:
    """Whoever wants another has to say so; also of one that is there because somebody is in it."""
    await api("POST", "rooms", {"room_id": "once"})
    assert await api.code("POST", "rooms", {"room_id": "once"}) == (409, "room_exists")
    async with api.house.client("ada") as ada:
        await ada.join()
        assert await api.code("POST", "rooms", {"room_id": ROOM}) == (409, "room_exists")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"speaking_language": "xx-nowhere"}, 422, "unknown_language"),
        ({"persistent": False}, 400, "bad_request"),
        ({"max_participants": 0}, 400, "bad_request"),
        ({"caption_minutes": -1}, 400, "bad_request"),
        ({"formality": "rude"}, 400, "bad_request"),
        ({"glossary": {"": {"en": "x"}}}, 400, "bad_request"),
        ({"room_id": "a b"}, 400, "bad_request"),
        ([], 400, "bad_request"),
    ],
)
async def test_nothing_is_made_of_what_cannot_be(api: Api, body: object, status: int, code: str) -> None:
    """The refusal says why, and no room is there."""
    assert await api.code("POST", "rooms", body) == (status, code)
    assert await api("GET", "rooms") == (200, {"rooms": [], "next": None, "unreachable": []})


async def test_rooms_are_listed_a_page_at_a_time(api: Api) -> None:
    """Those that were made and those that people are in."""
    for room_id in ("b", "a", "c"):
        await api("POST", "rooms", {"room_id": room_id})
    async with api.house.client("ada") as ada:
        await ada.join()
        _, page = await api("GET", "rooms", params={"limit": "3"})
        assert ([room["room_id"] for room in page["rooms"]], page["next"]) == (["a", "b", "c"], "c")
        _, page = await api("GET", "rooms", params={"limit": "3", "after": "c"})
        assert [(room["room_id"], room["participants"]) for room in page["rooms"]] == [(ROOM, 1)]
        assert page["next"] is None


async def test_a_room_that_ends_sends_everybody_home(api: Api) -> None:
    """With the code that says so, and it is gone at once."""
    async with api.house.client("ada") as ada:
        await ada.join()
        code, ended = await asyncio.gather(ada.closed(), api("DELETE", f"rooms/{ROOM}"))
        assert (code, ended) == (Close.ROOM_ENDED, (204, None))
    assert await api.code("GET", f"rooms/{ROOM}") == (404, "no_such_room")
    await until(lambda: api.house.rooms.get(ROOM) is None)


async def test_a_lock_takes_effect_at_once(api: Api) -> None:
    """Who is in the room may come back to it."""
    async with api.house.client("ada") as ada:
        await ada.join()
        await api("PATCH", f"rooms/{ROOM}", {"locked": True})
        assert api.house.door.states.of(ROOM).locked
        assert "ada" in api.house.door.states.of(ROOM).admitted


async def test_a_server_that_stops_makes_no_rooms(api: Api) -> None:
    """It says when to ask again."""
    api.house.door.health.drain()
    async with api.house.http.post("/api/v1/rooms", json={}, headers=api.headers) as response:
        assert response.status == 503
        assert "Retry-After" in response.headers


class Nodes:
    """Other nodes, one of which has every room; or of which nobody knows."""

    def __init__(self, cause: Exception | None = None) -> None:
        self.cause = cause

    async def own(self, room_id: str) -> bool:
        if self.cause is not None:
            raise RedisDownError(self.cause)
        return room_id == "free"


async def test_among_several_nodes_the_one_that_has_a_room_sets_it_up(api: Api) -> None:
    """Another one would set up a room that nobody is in."""
    api.house.door.nodes = Nodes()  # type: ignore[assignment]
    assert await api.code("POST", "rooms", {"room_id": ROOM}) == (409, "room_exists")
    assert (await api("POST", "rooms", {"room_id": "free"}))[0] == 201
    api.house.door.nodes = Nodes(ConnectionError())  # type: ignore[assignment]
    assert await api.code("POST", "rooms", {"room_id": ROOM}) == (503, "unavailable")
