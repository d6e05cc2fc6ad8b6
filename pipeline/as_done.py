"""Several calls at once, each result as soon as it is there."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
R = TypeVar("R")


async def as_done(calls: Mapping[K, Coroutine[Any, Any, R]]) -> AsyncGenerator[tuple[K, asyncio.Task[R]], None]:
    """Start all calls and yield each one's key and its finished task, the first to finish first.

    Closing the generator cancels those that still run, and waits for them.
    """
    names = {asyncio.create_task(call): name for name, call in calls.items()}
    pending = set(names)
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield names[task], task
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*names, return_exceptions=True)
