"""Keeps something running: what dies is started again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog

RESTART_S = 0.5
"""Seconds between an end that nobody asked for and the next start; a dead worker is back within 1 s."""

_log = structlog.get_logger(__name__)


class Supervised(Protocol):
    """Runs while it is open, and says when it ended by itself."""

    async def wait(self) -> None:
        """Return when it ended as it should; raise what ended it otherwise."""


@contextlib.asynccontextmanager
async def supervised(
    make: Callable[[], AbstractAsyncContextManager[Supervised]], *, name: str, restart_s: float = RESTART_S
) -> AsyncIterator[None]:
    """Keep one running while the block runs. The first start must succeed: what it raises is raised here."""
    started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    keeper = asyncio.create_task(_keep(make, name, restart_s, started), name=f"supervisor {name}")
    try:
        await started
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await keeper


async def _keep(
    make: Callable[[], AbstractAsyncContextManager[Supervised]],
    name: str,
    restart_s: float,
    started: asyncio.Future[None],
) -> None:
    while True:
        try:
            async with make() as running:
                if not started.done():
                    started.set_result(None)
                await running.wait()
                return
        except Exception as error:  # the top of a task nobody awaits
            if not started.done():
                started.set_exception(error)
                return
            _log.exception("restarting", what=name, after_s=restart_s)
        await asyncio.sleep(restart_s)
