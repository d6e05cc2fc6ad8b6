"""Everybody is sent out of a room that was lost."""

import asyncio

from signaling.nodes.eviction import evict
from tests.signaling.nodes.conftest import NewNode


async def test_nobody_is_left_and_all_are_told_to_come_back(new_node: NewNode) -> None:
    """In the room before anything is waited for; in the lobby; on other sockets. Other rooms go on."""
    async with new_node("one") as one:
        one.door.states.change("demo", lobby=True, admitted=frozenset({"ann"}))
        ann = await one.join("demo", "ann")
        guest = await one.socket("demo", "gus")
        await guest.send("join", name="Gus", speaking_language="en", listening_language="es")
        await guest.next("waiting")
        reader = await one.socket("demo", "ann", kind="captions")
        other = await one.join("other", "ben")
        evicting = asyncio.create_task(evict(one.door, "demo", one.nodes.tenancy.users("demo")))
        await asyncio.sleep(0)
        assert one.rooms.get("demo") is None
        assert [await each.closed() for each in (ann, guest, reader)] == [4307] * 3
        await evicting
        assert one.door.lobby.waiting("demo") == []
        await other.send("ping")
        await other.next("pong")


async def test_what_is_still_being_answered_is_cut_off(new_node: NewNode) -> None:
    """A stream without an end, say."""
    async with new_node("one") as one:
        streaming: asyncio.Task[object] = asyncio.create_task(asyncio.sleep(60))
        await evict(one.door, "demo", {streaming})
        assert streaming.cancelling()
        await asyncio.gather(streaming, return_exceptions=True)
