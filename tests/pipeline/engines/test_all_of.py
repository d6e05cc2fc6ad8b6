"""Doing several things at once."""

import asyncio

import pytest

from pipeline.engines.all_of import all_of


async def test_results_come_in_order() -> None:
    """Whoever is first to end, results are in the order of the things."""

    async def give(value: int) -> int:
        await asyncio.sleep(0.01 / value)
        return value

    assert await all_of(give(value) for value in (1, 2, 3)) == [1, 2, 3]


async def test_an_error_is_raised_when_all_have_ended() -> None:
    """Nothing is left running behind an error."""
    ended = asyncio.Event()

    async def fail() -> None:
        raise ValueError("no")

    async def end() -> None:
        await asyncio.sleep(0.01)
        ended.set()

    with pytest.raises(ValueError, match="no"):
        await all_of((fail(), end()))
    assert ended.is_set()
