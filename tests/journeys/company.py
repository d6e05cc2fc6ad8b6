"""Several people in one room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.support.caller import Caller, call

SETTLE_S = 0.3
"""A client is connected some milliseconds before the server has heard of it; what is said in between is lost to it."""


@asynccontextmanager
async def company(url: str, room: str, **languages: str) -> AsyncIterator[list[Caller]]:
    """Let people join, each under the name given here, who speak and hear one language each."""
    async with AsyncExitStack() as stack:
        callers = [
            await stack.enter_async_context(call(url, room, name=name, speaks=language, hears=language))
            for name, language in languages.items()
        ]
        await asyncio.sleep(SETTLE_S)
        yield callers
