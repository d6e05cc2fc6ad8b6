"""Connections that close in their own time, while everything else goes on."""

import asyncio
from collections.abc import Coroutine

import structlog

_log = structlog.get_logger(__name__)


class Closing:
    """Holds what is being closed until it is; a failure there is logged, and nobody else's. False when all is done."""

    def __init__(self, room_id: str) -> None:
        """`room_id` is for the log."""
        self._room_id = room_id
        self._tasks: set[asyncio.Task[None]] = set()

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def let(self, closing: Coroutine[None, None, None]) -> None:
        """Let it close."""
        task = asyncio.get_running_loop().create_task(closing)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def wait(self) -> None:
        """Return when what is being closed now is closed. Cancelling costs the waiting only."""
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("connection_close_failed", room_id=self._room_id, exc_info=error)
