"""Work beside a block."""

import asyncio

import pytest

from signaling.background import running


async def test_it_ends_with_the_block() -> None:
    """It is cancelled, and has finished what it does then, before the code behind the block runs."""
    said = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            said.append("ended")

    async with running(work(), name="worker"):
        await asyncio.sleep(0)
        assert [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()] == ["worker"]
        assert said == []
    assert said == ["ended"]


async def test_it_ends_though_the_block_fails() -> None:
    """And the block's fault is what is raised."""
    with pytest.raises(KeyError):
        async with running(asyncio.sleep(60), name="worker"):
            raise KeyError
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_fault_of_its_own_is_not_lost() -> None:
    """It comes up where the block is left."""

    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with running(work(), name="worker"):
            await asyncio.sleep(0)
