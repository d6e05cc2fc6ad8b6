"""Doing something that must not be left half done."""

import asyncio

import pytest

from pipeline.engines.all_or_nothing import all_or_nothing


class Door:
    """Takes its time to open."""

    def __init__(self) -> None:
        self.may_open = asyncio.Event()
        self.is_open = False

    async def open(self) -> "Door":
        await self.may_open.wait()
        self.is_open = True
        return self

    async def jam(self) -> "Door":
        await self.may_open.wait()
        raise ValueError("jammed")


async def shut(door: Door) -> None:
    await asyncio.sleep(0)
    door.is_open = False


async def test_what_is_done_is_given() -> None:
    """Nobody cancels: nothing is undone."""
    door = Door()
    door.may_open.set()
    assert await all_or_nothing(door.open(), shut) is door
    assert door.is_open


async def test_what_fails_raises() -> None:
    """There is nothing to undo."""
    door = Door()
    door.may_open.set()
    with pytest.raises(ValueError, match="jammed"):
        await all_or_nothing(door.jam(), shut)


async def test_cancelling_waits_for_the_end_and_undoes_it() -> None:
    """Whoever cancelled finds everything as it was."""
    door = Door()
    opening = asyncio.create_task(all_or_nothing(door.open(), shut))
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.sleep(0)
    assert not opening.done()
    door.may_open.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not door.is_open


async def test_cancelling_what_fails_is_cancelled() -> None:
    """The failure is nobody's any more."""
    door = Door()
    opening = asyncio.create_task(all_or_nothing(door.jam(), shut))
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.sleep(0)
    door.may_open.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
