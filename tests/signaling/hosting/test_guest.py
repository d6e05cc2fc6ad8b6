"""Waiting in the lobby, by one's socket."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from signaling.hosting.settings import HostingSettings
from tests.signaling.conftest import ROOM, Client, House, OpenHouse
from tests.support.until import until

WAITS = HostingSettings(lobby_by_default=True)


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """Give a door whose rooms have lobbies."""
    return await open_house(hosting=WAITS)


async def wait(guest: Client, name: str = "Zoë", **more: object) -> dict[str, object]:
    """Ask to come in, and get told to wait."""
    await guest.send("join", name=name, **more)
    return await guest.next("waiting")


def waiting(house: House) -> list[str]:
    return [each.participant_id for each in house.door.lobby.waiting(ROOM)]


async def test_who_waits_is_told_so(house: House) -> None:
    """With who they will be, how the room is set, and a token to come back with; the room does not know of them."""
    async with house.client("zoe") as zoe:
        told = await wait(zoe, speaking_language="FR", listening_language="es")
        assert (told["name"], told["speaking_language"], told["listening_language"]) == ("Zoë", "fr", "es")
        assert told["room"]["lobby"] is True  # type: ignore[index]
        assert house.door.tokens.verify(str(told["resume_token"]), ROOM).participant_id == "zoe"
        assert house.rooms.get(ROOM) is None
        assert waiting(house) == ["zoe"]


async def test_admission_is_as_if_just_joined(house: House) -> None:
    """Name and both languages go with them; what they asked for besides does too."""
    async with house.client("zoe") as zoe:
        await wait(zoe, speaking_language="fr", listening_language="es-MX", original="low", captions=False)
        house.door.hosts.admit(ROOM, "zoe")
        joined = await zoe.next()
        assert joined["type"] == "joined"
        assert joined["participants"][0]["name"] == "Zoë"
        participant = house.participant("zoe")
        assert participant.info.speaking_language == "fr"
        assert participant.info.listening_language == "es-MX"
        assert participant.original == "low"
        assert not house.door.feed.is_read(ROOM)
        assert waiting(house) == []
        await zoe.send("mute", muted=True)
        await until(lambda: participant.info.muted)


async def test_name_and_languages_may_change_while_one_waits(house: House) -> None:
    """By `set_languages`, by its older name, and by joining again; each is confirmed, and all of it is kept."""
    async with house.client("zoe") as zoe:
        await wait(zoe, speaking_language="fr", listening_language="es")
        await zoe.send("set_languages", listening_language="DE")
        told = await zoe.next("waiting")
        assert (told["speaking_language"], told["listening_language"]) == ("fr", "de")
        await zoe.send("set_langs", source_language="it")
        assert (await zoe.next("waiting"))["speaking_language"] == "it"
        told = await wait(zoe, "Zoé", speaking_language="it", listening_language="fr")
        assert told["name"] == "Zoé"
        await zoe.send("set_languages", listening_language="de")
        assert (await zoe.next("waiting"))["listening_language"] == "de"
        house.door.hosts.admit(ROOM, "zoe")
        me = (await zoe.next("joined"))["participants"][0]
        assert (me["name"], me["speaking_language"], me["listening_language"]) == ("Zoé", "it", "de")


async def test_nothing_else_can_be_done_there(house: House) -> None:
    """Neither sound nor words to others, nor a host's work; a ping is answered."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        for kind, fields in (
            ("offer", {"sdp": "v=0"}),
            ("offer", {"sdp": "v=0\r\n", "to": "ada"}),
            ("candidate", {"candidate": None}),
            ("mute", {"muted": False}),
            ("set_original", {"original": "on"}),
            ("admit", {"participant_id": "zoe"}),
        ):
            await zoe.send(kind, **fields)
            assert await zoe.error() == ("wait", kind)
        await zoe.send("set_languages", speaking_language="klingonese")
        assert await zoe.error() == ("unknown_language", "set_languages")
        await zoe.send("ping")
        await zoe.next("pong")
        assert house.rooms.get(ROOM) is None


async def test_who_waits_is_not_closed_for_joining_late(open_house: OpenHouse) -> None:
    """The deadline for `join` is over with it."""
    house = await open_house(hosting=WAITS, join_deadline_s=0.1)
    async with house.client("zoe") as zoe:
        await wait(zoe)
        await asyncio.sleep(0.2)
        await zoe.send("ping")
        await zoe.next("pong")


@pytest.mark.parametrize("goodbye", [True, False])
async def test_who_goes_waits_no_more(house: House, goodbye: bool) -> None:
    """With a goodbye or without."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        if goodbye:
            await zoe.send("leave")
            assert await zoe.closed() == 1000
        else:
            zoe.vanish()
        await until(lambda: waiting(house) == [])


async def test_who_lost_the_way_comes_back_to_wait_on(house: House) -> None:
    """By the token they were given; the earlier socket, if it is still there, is closed."""
    async with house.client("zoe") as zoe:
        token = (await wait(zoe))["resume_token"]
        async with house.http.ws_connect(f"/ws/signaling/{ROOM}", params={"token": str(token)}) as socket:
            await wait(Client(socket))
            assert await zoe.closed() == 4409
            assert waiting(house) == ["zoe"]


async def test_who_was_let_in_while_away_comes_in(house: House) -> None:
    """A host's word holds, though the socket it was meant for had just broken."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        zoe.vanish()
    await until(lambda: waiting(house) == [])
    house.door.hosts.admit(ROOM, "zoe")
    async with house.client("zoe") as zoe:
        assert (await zoe.join("Zoë"))["type"] == "joined"


async def test_after_a_broken_link_nobody_waits_again(house: House) -> None:
    """Whoever was admitted stays so: on another socket in time, and after they were given up for gone."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        house.door.hosts.admit(ROOM, "zoe")
        page = (await zoe.next("joined"))["page_id"]
        zoe.vanish()
    async with house.client("zoe") as zoe:
        await zoe.join("Zoë", resume=page)
        await zoe.send("leave")
        await zoe.closed()
    await until(lambda: house.rooms.get(ROOM) is None)
    async with house.client("zoe") as zoe:
        assert (await zoe.join("Zoë"))["type"] == "joined"


async def test_a_full_lobby_takes_nobody(open_house: OpenHouse) -> None:
    """They are told to come back later, and the others wait on."""
    house = await open_house(hosting=HostingSettings(lobby_by_default=True, lobby_size=1))
    async with house.client("zoe") as zoe, house.client("yan") as yan:
        await wait(zoe)
        await yan.send("join", name="Yan")
        assert await yan.closed() == 4413
        assert waiting(house) == ["zoe"]


async def test_a_stopping_server_lets_nobody_in(house: House) -> None:
    """Who is admitted while it drains is sent to another, as is everybody who comes then."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        house.door.health.drain()
        house.door.hosts.admit(ROOM, "zoe")
        assert await zoe.closed() == 1001


async def test_one_who_cannot_be_let_in_keeps_nobody_else_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks is told to them, and the next one comes in."""
    async with AsyncExitStack() as stack:
        zoe, yan = [await stack.enter_async_context(house.client(name)) for name in ("zoe", "yan")]
        await wait(zoe)
        await wait(yan)
        room = house.rooms.open(ROOM)
        join = room.join

        def break_once(**who: object) -> object:
            monkeypatch.setattr(room, "join", join)
            raise RuntimeError("something is wrong")

        monkeypatch.setattr(room, "join", break_once)
        house.door.hosts.set_lobby(ROOM, False)
        assert await zoe.closed() == 1011
        await yan.next("joined")
