"""Waiting for something that nobody announces."""

import asyncio
from collections.abc import Callable


async def until(is_so: Callable[[], bool], limit_s: float = 15) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not within the limit.
    """
    async with asyncio.timeout(limit_s):
        while not is_so():  # noqa: ASYNC110 - the conditions are of many kinds
            await asyncio.sleep(0.005)
