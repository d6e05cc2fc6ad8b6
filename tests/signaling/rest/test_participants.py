"""Who is in a room, and who waits for it."""

import asyncio

from signaling.protocol import Close
from tests.signaling.conftest import ROOM
from tests.signaling.rest.conftest import Api

PEOPLE = f"rooms/{ROOM}/participants"
WAITING = f"rooms/{ROOM}/waiting"


async def test_people_are_listed_and_looked_at(api: Api) -> None:
    """With what the others see of them."""
    async with api.house.client("bea") as bea, api.house.client("ada") as ada:
        await bea.join("Bea")
        await ada.join("Ada", "en", "fr")
        _, listed = await api("GET", PEOPLE)
        assert [each["participant_id"] for each in listed["participants"]] == ["ada", "bea"]
        _, told = await api("GET", f"{PEOPLE}/ada")
        assert (told["name"], told["speaking_language"], told["listening_language"]) == ("Ada", "en", "fr")
        assert await api.code("GET", f"{PEOPLE}/eve") == (404, "no_such_participant")


async def test_somebody_is_muted(api: Api) -> None:
    """And is told; there is no way to switch their microphone on."""
    async with api.house.client("ada") as ada:
        await ada.join()
        status, told = await api("POST", f"{PEOPLE}/ada/mute")
        assert (status, told["muted"]) == (200, True)
        assert api.house.participant("ada").info.muted
        assert (await ada.next("notice"))["code"] == "muted_by_host"
        assert await api.code("POST", f"{PEOPLE}/eve/mute") == (404, "no_such_participant")


async def test_somebody_is_removed(api: Api) -> None:
    """And does not come back."""
    async with api.house.client("ada") as ada, api.house.client("bea") as bea:
        await ada.join()
        await bea.join("Bea")
        code, removed = await asyncio.gather(ada.closed(), api("DELETE", f"{PEOPLE}/ada"))
        assert (code, removed) == (Close.REMOVED, (204, None))
        assert (await bea.next("participant_left"))["reason"] == "removed"
        assert "ada" in api.house.door.states.of(ROOM).removed
        assert await api.code("DELETE", f"{PEOPLE}/ada") == (404, "no_such_participant")


async def test_who_waits_is_let_in_or_turned_away(api: Api) -> None:
    """With the name and the languages that they waited with."""
    await api("POST", "rooms", {"room_id": ROOM, "lobby": True})
    one, other = api.waits("one"), api.waits("other")
    _, told = await api("GET", WAITING)
    assert [each["participant_id"] for each in told["waiting"]] == ["one", "other"]
    assert told["waiting"][0]["listening_language"] == "es"
    assert (await api("POST", f"{WAITING}/one/admit"))[0] == 204
    assert one.let_in_as is not None
    assert one.let_in_as.name == "Bea"
    assert (await api("POST", f"{WAITING}/other/deny"))[0] == 204
    assert other.turned_away
    assert await api("GET", WAITING) == (200, {"waiting": []})
    assert await api.code("POST", f"{WAITING}/other/deny") == (404, "no_such_participant")


async def test_a_full_room_lets_nobody_in(api: Api) -> None:
    """They wait on."""
    await api("POST", "rooms", {"room_id": ROOM, "lobby": True, "max_participants": 1})
    api.house.door.states.change(ROOM, admitted=frozenset({"ada"}))
    async with api.house.client("ada") as ada:
        await ada.join()
        guest = api.waits("bea")
        assert await api.code("POST", f"{WAITING}/bea/admit") == (409, "conflict")
        assert guest.let_in_as is None


async def test_there_is_nobody_where_there_is_no_room(api: Api) -> None:
    """404 for all of it."""
    for method, path in (
        ("GET", PEOPLE),
        ("GET", f"{PEOPLE}/ada"),
        ("DELETE", f"{PEOPLE}/ada"),
        ("POST", f"{PEOPLE}/ada/mute"),
        ("GET", WAITING),
        ("POST", f"{WAITING}/ada/admit"),
        ("POST", f"{WAITING}/ada/deny"),
    ):
        assert await api.code(method, path) == (404, "no_such_room")
