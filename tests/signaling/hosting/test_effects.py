"""What changes of a room's state do, whoever makes them."""

import asyncio
import contextlib
from contextlib import AsyncExitStack

import aiohttp
import pytest

from signaling.hosting.lifecycle import LifecycleEvent
from signaling.hosting.settings import HostingSettings
from tests.signaling.conftest import ROOM, Client, House, OpenHouse
from tests.support.until import until


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """Give a door whose rooms have lobbies."""
    return await open_house(hosting=HostingSettings(lobby_by_default=True))


async def wait(guest: Client, name: str = "Zoë") -> None:
    await guest.send("join", name=name)
    await guest.next("waiting")


def reader(
    house: House, participant_id: str, **grant: object
) -> contextlib.AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
    """Open the captions socket."""
    params = {"token": house.token(ROOM, participant_id, **grant)}
    return house.http.ws_connect(f"/ws/captions/{ROOM}", params=params)


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    while not socket.closed:
        await socket.receive(timeout=5)
    return socket.close_code


def names(told: dict[str, object]) -> list[str]:
    return [each["participant_id"] for each in told["waiting"]]  # type: ignore[attr-defined]


async def test_hosts_see_who_waits(house: House) -> None:
    """With `joined`, and whenever it changes; nobody else does."""
    async with house.client("zoe") as zoe, house.client("ada", admitted=True) as ada:
        await ada.join()
        await wait(zoe)
        async with house.client("boss", role="host") as boss:
            await boss.join("Boss")
            assert names(await boss.next("lobby")) == ["zoe"]
            async with house.client("yan") as yan:
                await wait(yan)
                assert names(await boss.next("lobby")) == ["zoe", "yan"]
            assert names(await boss.next("lobby")) == ["zoe"]
            await zoe.send("set_languages", listening_language="fr")
            assert (await boss.next("lobby"))["waiting"][0]["listening_language"] == "fr"
        await ada.send("ping")
        await ada.next("pong")
        assert "lobby" not in [told["type"] for told in ada.told]


async def test_many_who_come_at_once_are_one_piece_of_news(house: House) -> None:
    """A host is not sent a list for each."""
    async with AsyncExitStack() as stack:
        boss = await stack.enter_async_context(house.client("boss", role="host"))
        await boss.join("Boss")
        assert names(await boss.next("lobby")) == []
        guests = [await stack.enter_async_context(house.client(f"g{number}")) for number in range(8)]
        await asyncio.gather(*(wait(guest) for guest in guests))
        news = [await boss.next("lobby")]
        while len(names(news[-1])) < 8:
            news.append(await boss.next("lobby"))
        assert len(news) < 5


async def test_everybody_is_told_how_the_room_is_set(house: House) -> None:
    """Those in it and those who wait; what concerns nobody is told to nobody."""
    async with house.client("zoe") as zoe, house.client("ada", admitted=True) as ada:
        await ada.join()
        await wait(zoe)
        house.door.states.change(ROOM, removed=frozenset({"x"}), caption_minutes=3.0)
        house.door.states.change(ROOM, keep_transcript=True)
        for each in (ada, zoe):
            assert (await each.next("room"))["room"]["keep_transcript"] is True
            assert [told["type"] for told in each.told].count("room") == 1


async def test_closing_the_lobby_lets_everybody_in_as_far_as_there_is_room(house: House) -> None:
    """In the order in which they came; the next one comes in when somebody leaves."""
    house.door.states.change(ROOM, max_participants=1)
    async with house.client("zoe") as zoe, house.client("yan") as yan:
        await wait(zoe)
        await wait(yan, "Yan")
        house.door.states.change(ROOM, lobby=False)
        await zoe.next("joined")
        assert [each.participant_id for each in house.door.lobby.waiting(ROOM)] == ["yan"]
        await zoe.send("leave")
        await yan.next("joined")


async def test_the_end_of_a_room_is_everybodys(house: House) -> None:
    """In it, before it, only reading; nobody comes in any more, hosts included, and it may be opened again."""
    async with AsyncExitStack() as stack:
        zoe, boss = (
            await stack.enter_async_context(house.client("zoe")),
            await stack.enter_async_context(house.client("boss", role="host")),
        )
        late = await stack.enter_async_context(house.client("late", admitted=True))
        captions = await stack.enter_async_context(reader(house, "rex", admitted=True))
        await wait(zoe)
        await boss.join("Boss")
        house.door.states.change(ROOM, ended=True)
        assert [await each.closed() for each in (zoe, boss, late)] == [4410] * 3
        assert await closed(captions) == 4410
        await until(lambda: house.rooms.get(ROOM) is None)
        assert house.door.presences == {}
    async with house.client("boss", role="host") as boss:
        assert await boss.closed() == 4410
    house.door.states.change(ROOM, ended=False)
    async with house.client("boss", role="host") as boss:
        await boss.join("Boss")


async def test_who_is_removed_while_away_does_not_come_back(house: House) -> None:
    """The time of grace ends at once."""
    async with house.client("ada", admitted=True) as ada:
        await ada.join()
        ada.vanish()
    await until(lambda: house.participant("ada").info.away)
    house.door.states.change(ROOM, removed=frozenset({"ada"}))
    await until(lambda: house.rooms.get(ROOM) is None)
    async with house.client("ada", admitted=True) as ada:
        assert await ada.closed() == 4405


async def test_all_sockets_of_who_is_removed_are_closed(house: House) -> None:
    """Captions as well, and those of nobody else."""
    async with house.client("ada", admitted=True) as ada, reader(house, "rex", admitted=True) as other:
        await ada.join()
        async with reader(house, "ada") as hers:
            house.door.hosts.remove(ROOM, "ada")
            assert await ada.closed() == 4405
            assert await closed(hers) == 4405
        await other.ping()
        assert not other.closed


async def test_captions_are_for_those_who_may_come_in(house: House) -> None:
    """Not for who waits, before they are in; not for who was removed."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        async with reader(house, "zoe") as captions:
            assert await closed(captions) == 4425
        house.door.hosts.admit(ROOM, "zoe")
        await zoe.next("joined")
        async with reader(house, "zoe") as captions:
            await captions.ping()
            house.door.hosts.remove(ROOM, "zoe")
            assert await closed(captions) == 4405
    async with reader(house, "zoe", admitted=True) as captions:
        assert await closed(captions) == 4405


async def test_a_state_lasts_as_long_as_its_people(open_house: OpenHouse) -> None:
    """It is forgotten some time after the last one left, by what happens in the room."""
    house = await open_house(hosting=HostingSettings(state_lifetime_s=0.2))
    async with house.client("ada") as ada:
        await ada.join()
        house.door.hosts.lock(ROOM, True)
        await asyncio.sleep(0.3)
        assert house.door.states.of(ROOM).locked
        await ada.send("leave")
        await ada.closed()
    await until(lambda: house.rooms.get(ROOM) is None)
    assert house.door.states.of(ROOM).locked
    await until(lambda: not house.door.states.of(ROOM).locked)


async def test_what_happens_is_told(house: House) -> None:
    """From the first one who waits to the end of the room, in order and with reasons."""
    events: list[LifecycleEvent] = []
    house.door.lifecycle.watch(events.append)
    async with house.client("zoe") as zoe, house.client("yan") as yan, house.client("boss", role="host") as boss:
        await wait(zoe)
        await wait(yan)
        await zoe.send("set_languages", listening_language="fr")
        await zoe.next("waiting")
        await boss.join("Boss")
        async with house.client("spy", hidden=True) as spy:
            await spy.join("Spy")
        house.door.hosts.deny(ROOM, "yan")
        house.door.hosts.admit(ROOM, "zoe")
        await zoe.next("joined")
        house.door.hosts.mute(ROOM, "zoe")
        house.door.hosts.remove(ROOM, "zoe")
        house.door.hosts.end(ROOM)
        await boss.closed()
    assert [(each.kind, each.participant_id, each.reason) for each in events] == [
        ("participant_waiting", "zoe", ""),
        ("participant_waiting", "yan", ""),
        ("room_started", None, ""),
        ("participant_joined", "boss", ""),
        ("participant_gave_up", "yan", "denied"),
        ("participant_admitted", "zoe", ""),
        ("participant_joined", "zoe", ""),
        ("participant_muted", "zoe", "host"),
        ("participant_left", "zoe", "removed"),
        ("participant_left", "boss", "room_closed"),
        ("room_ended", None, "room_closed"),
    ]


async def test_rooms_may_have_to_be_made_first(open_house: OpenHouse) -> None:
    """Then a room of which nobody knows is closed to everybody, at once and with its own code."""
    house = await open_house(hosting=HostingSettings(rooms_must_exist=True))
    async with house.client("boss", role="host") as boss:
        assert await boss.closed() == 4404
    house.door.states.change(ROOM, persistent=True)
    async with house.client("boss", role="host") as boss:
        await boss.join("Boss")


async def test_a_full_room_takes_nobody(open_house: OpenHouse) -> None:
    """But hosts, hidden participants and who is there already."""
    house = await open_house(hosting=HostingSettings(max_participants=1))
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(house.client("ada"))
        await ada.join()
        bea = await stack.enter_async_context(house.client("bea"))
        assert await bea.closed() == 4413
        for name, rights in (("ada", {}), ("boss", {"role": "host"}), ("spy", {"hidden": True})):
            one = await stack.enter_async_context(house.client(name, **rights))
            await one.join()
