"""What hosts do, called as REST calls it."""

import pytest

from signaling.hosting import hosts as module
from signaling.hosting.errors import NoSuchParticipantError, RoomFullError, TooManyNamedError
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


async def test_admitting_who_does_not_wait_is_for_later(house: House) -> None:
    """They come in without waiting, whenever they come."""
    house.door.hosts.admit(ROOM, "zoe")
    async with house.client("zoe") as zoe:
        await zoe.join("Zoë")


async def test_a_full_room_takes_nobody_from_the_lobby(house: House) -> None:
    """The host is told, and they wait on until there is room."""
    house.door.states.change(ROOM, max_participants=1)
    async with house.client("ada", admitted=True) as ada, house.client("zoe") as zoe:
        await ada.join()
        await wait(zoe)
        with pytest.raises(RoomFullError):
            house.door.hosts.admit(ROOM, "zoe")
        assert house.door.lobby.place_of(ROOM, "zoe")
        house.door.states.change(ROOM, max_participants=2)
        house.door.hosts.admit(ROOM, "zoe")
        await zoe.next("joined")


async def test_who_is_denied_may_ask_again(house: House) -> None:
    """They are closed with their own code; nobody is denied who does not wait."""
    for _ in range(2):
        async with house.client("zoe") as zoe:
            await wait(zoe)
            house.door.hosts.deny(ROOM, "zoe")
            assert await zoe.closed() == 4403
    with pytest.raises(NoSuchParticipantError):
        house.door.hosts.deny(ROOM, "zoe")


async def test_a_host_switches_a_microphone_off(house: House) -> None:
    """In fact: the room is told, and so are they; they may switch it on again. Once is enough."""
    async with house.client("ada", admitted=True) as ada:
        await ada.join()
        house.door.hosts.mute(ROOM, "ada")
        assert (await ada.next("participant_updated"))["participant"]["muted"] is True
        assert (await ada.next("notice"))["code"] == "muted_by_host"
        assert house.participant("ada").info.muted
        house.door.hosts.mute(ROOM, "ada")
        await ada.send("mute", muted=False)
        assert (await ada.next())["type"] == "participant_updated"
        assert not house.participant("ada").info.muted
    with pytest.raises(NoSuchParticipantError):
        house.door.hosts.mute(ROOM, "nobody")
    with pytest.raises(NoSuchParticipantError):
        house.door.hosts.mute("nowhere", "ada")


async def test_who_is_removed_stays_out_until_admitted(house: House) -> None:
    """With the same identity, by any token; the others are told why they left."""
    async with house.client("bea", admitted=True) as bea:
        await bea.join("Bea")
        async with house.client("ada", admitted=True) as ada:
            await ada.join()
            house.door.hosts.remove(ROOM, "ada")
            assert (await bea.next("participant_left"))["reason"] == "removed"
            assert await ada.closed() == 4405
        for role in ("speaker", "host"):
            async with house.client("ada", role=role, admitted=True) as ada:
                assert await ada.closed() == 4405
        house.door.hosts.admit(ROOM, "ada")
        async with house.client("ada") as ada:
            await ada.join()
    with pytest.raises(NoSuchParticipantError):
        house.door.hosts.remove(ROOM, "nobody")


async def test_who_waits_can_be_removed(house: House) -> None:
    """For good, unlike who is denied."""
    async with house.client("zoe") as zoe:
        await wait(zoe)
        house.door.hosts.remove(ROOM, "zoe")
        assert await zoe.closed() == 4405
    assert "zoe" in house.door.states.of(ROOM).removed


async def test_a_lock_keeps_out_who_was_not_here(house: House) -> None:
    """Who is in the room may lose their way and come back, even after they were given up; a host comes anyway."""
    house.door.hosts.set_lobby(ROOM, False)
    async with house.client("ada") as ada, house.client("zoe") as zoe:
        await ada.join()
        house.door.hosts.lock(ROOM, True)
        # Zoe's socket was open already.
        await zoe.send("join", name="Zoë")
        assert await zoe.closed() == 4423
        await ada.send("leave")
        await ada.closed()
    await until(lambda: house.rooms.get(ROOM) is None)
    async with house.client("zoe") as zoe:
        assert await zoe.closed() == 4423
    async with house.client("ada") as ada, house.client("boss", role="host") as boss:
        await ada.join()
        await boss.join("Boss")
        house.door.hosts.lock(ROOM, False)
        async with house.client("zoe") as zoe:
            await zoe.join("Zoë")


async def test_opening_the_lobby_is_for_those_who_come_later(house: House) -> None:
    """Who is here need not wait when they come back."""
    house.door.hosts.set_lobby(ROOM, False)
    async with house.client("ada") as ada:
        await ada.join()
        house.door.hosts.set_lobby(ROOM, True)
        await ada.send("leave")
        await ada.closed()
    async with house.client("ada") as ada, house.client("zoe") as zoe:
        await ada.join()
        await wait(zoe)


async def test_a_state_names_only_so_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """More are refused, with nothing changed; those named before can still be moved about."""
    monkeypatch.setattr(module, "MOST_NAMED", 2)
    hosts = house.door.hosts
    hosts.admit(ROOM, "a")
    hosts.admit(ROOM, "b")
    with pytest.raises(TooManyNamedError):
        hosts.admit(ROOM, "c")
    hosts.admit(ROOM, "a")
    async with house.client("ada", admitted=True) as ada:
        await ada.join()
        hosts.lock(ROOM, True)
        with pytest.raises(TooManyNamedError):
            hosts.remove(ROOM, "ada")
    assert house.door.states.of(ROOM).admitted == {"a", "b"}
