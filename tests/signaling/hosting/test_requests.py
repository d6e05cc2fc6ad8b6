"""What hosts ask for over their socket."""

import pytest

from tests.signaling.conftest import ROOM, House

HOST = {"role": "host"}

REQUESTS: list[tuple[str, dict[str, object]]] = [
    ("admit", {"participant_id": "zoe"}),
    ("deny", {"participant_id": "zoe"}),
    ("mute_participant", {"participant_id": "bea"}),
    ("remove", {"participant_id": "bea"}),
    ("lock", {"locked": True}),
    ("set_lobby", {"lobby": True}),
    ("end_room", {}),
]


@pytest.mark.parametrize("role", ["speaker", "listener"])
async def test_only_hosts_are_obeyed(house: House, role: str) -> None:
    """Others are told so, and nothing changes."""
    async with house.client("ada", role=role) as ada, house.client("bea") as bea:
        await ada.join()
        await bea.join()
        before = house.door.states.of(ROOM)
        for kind, fields in REQUESTS:
            await ada.send(kind, **fields)
            assert await ada.error() == ("not_allowed", kind)
        assert house.door.states.of(ROOM) == before
        assert not house.participant("bea").info.muted


async def test_a_host_rules_the_room(house: House) -> None:
    """From opening the lobby to the end, each by its message."""
    async with house.client("boss", role="host") as boss, house.client("bea") as bea, house.client("zoe") as zoe:
        await boss.join("Boss")
        await bea.join("Bea")
        await boss.send("set_lobby", lobby=True)
        assert (await bea.next("room"))["room"]["lobby"] is True
        await zoe.send("join", name="Zoë")
        await zoe.next("waiting")
        await boss.send("admit", participant_id="zoe")
        await zoe.next("joined")
        await boss.send("mute_participant", participant_id="zoe")
        assert (await zoe.next("notice"))["code"] == "muted_by_host"
        await boss.send("remove", participant_id="zoe")
        assert await zoe.closed() == 4405
        await boss.send("lock", locked=True)
        assert (await bea.next("room"))["room"]["locked"] is True
        async with house.client("yan") as yan:
            assert await yan.closed() == 4423
        await boss.send("end_room")
        assert await bea.closed() == 4410
        assert await boss.closed() == 4410


async def test_denying(house: House) -> None:
    """Who waits is sent away."""
    house.door.hosts.set_lobby(ROOM, True)
    async with house.client("boss", role="host") as boss, house.client("zoe") as zoe:
        await boss.join("Boss")
        await zoe.send("join", name="Zoë")
        await zoe.next("waiting")
        await boss.send("deny", participant_id="zoe")
        assert await zoe.closed() == 4403


async def test_nobody_is_found_who_is_not_shown(house: House) -> None:
    """Hosts do not learn of hidden participants by asking for them."""
    async with house.client("boss", role="host") as boss, house.client("spy", hidden=True) as spy:
        await boss.join("Boss")
        await spy.join("Spy")
        for kind, participant_id in (
            ("deny", "nobody"),
            ("mute_participant", "nobody"),
            ("mute_participant", "spy"),
            ("remove", "nobody"),
            ("remove", "spy"),
            ("admit", "no/id"),
        ):
            await boss.send(kind, participant_id=participant_id)
            assert await boss.error() == ("no_such_participant", kind)
        assert not spy.socket.closed


async def test_hosts_do_not_remove_themselves(house: House) -> None:
    """Nobody could let them in again, perhaps."""
    async with house.client("boss", role="host") as boss:
        await boss.join("Boss")
        await boss.send("remove", participant_id="boss")
        assert await boss.error() == ("not_allowed", "remove")


async def test_what_cannot_be_done_now_is_told(house: House) -> None:
    """Admitting somebody into a full room."""
    house.door.states.change(ROOM, lobby=True, max_participants=0)
    async with house.client("boss", role="host") as boss, house.client("zoe") as zoe:
        await boss.join("Boss")
        await zoe.send("join", name="Zoë")
        await zoe.next("waiting")
        await boss.send("admit", participant_id="zoe")
        failed = await boss.next("error")
        assert (failed["code"], failed["in_reply_to"]) == ("not_done", "admit")
        assert "full" in failed["message"]
