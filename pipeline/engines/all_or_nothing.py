"""Doing something that must not be left half done."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def all_or_nothing(
    doing: Coroutine[Any, Any, Result], undo: Callable[[Result], Coroutine[Any, Any, None]]
) -> Result:
    """Give the result of `doing`. Cancelled meanwhile, let it come to its end first, and undo it, before giving in."""
    task = asyncio.create_task(doing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _to_the_end(task)
        if not task.cancelled() and task.exception() is None:
            await _to_the_end(asyncio.create_task(undo(task.result())))
        raise


async def _to_the_end(task: Awaitable[Any]) -> None:
    await asyncio.wait([asyncio.ensure_future(task)])
