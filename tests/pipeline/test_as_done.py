"""Several calls at once."""

import asyncio
from contextlib import aclosing

import pytest

from pipeline.as_done import as_done
from tests.fakes.virtual_time import virtual_time


async def answer(after_s: float, what: str) -> str:
    await asyncio.sleep(after_s)
    if what == "error":
        raise ValueError(what)
    return what


@virtual_time
async def test_the_first_to_finish_comes_first() -> None:
    """Whatever the order in which they were named; an error is a result like any other."""
    calls = {"slow": answer(3, "a"), "quick": answer(1, "b"), "bad": answer(2, "error")}
    came = [(name, task.exception() or task.result()) async for name, task in as_done(calls)]
    assert [(name, str(result)) for name, result in came] == [("quick", "b"), ("bad", "error"), ("slow", "a")]


@virtual_time
async def test_closing_cancels_what_still_runs() -> None:
    """And returns when it has ended."""
    ended = []

    async def long() -> str:
        try:
            return await answer(60, "long")
        finally:
            ended.append("long")

    async with aclosing(as_done({"long": long(), "short": answer(1, "short")})) as answers:
        async for name, _ in answers:
            assert name == "short"
            break
    assert ended == ["long"]


async def test_nothing_to_do_is_done() -> None:
    """No calls, no answers."""
    with pytest.raises(StopAsyncIteration):
        await anext(as_done({}))
