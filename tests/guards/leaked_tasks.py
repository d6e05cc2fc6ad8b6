"""Fails a test that ends while a task nobody asked to end still runs on its event loop."""

import asyncio
from asyncio import runners
from collections.abc import Callable

CancelAll = Callable[[asyncio.AbstractEventLoop], None]


class LeakedTasks:
    """Looks at what is left when a loop closes, while it is installed. A cancelled task may end with its loop."""

    def __init__(self) -> None:
        self._cancel_all: CancelAll = runners._cancel_all_tasks  # type: ignore[attr-defined]
        self.names: list[str] = []

    def install(self) -> None:
        runners._cancel_all_tasks = self._look_and_cancel  # type: ignore[attr-defined]

    def remove(self) -> None:
        runners._cancel_all_tasks = self._cancel_all  # type: ignore[attr-defined]

    def begin(self) -> None:
        self.names.clear()

    def fault(self) -> str | None:
        if not self.names:
            return None
        return f"tasks still run at the end of the test: {'; '.join(self.names)}; close what started them"

    def _look_and_cancel(self, loop: asyncio.AbstractEventLoop) -> None:
        left = (task for task in asyncio.all_tasks(loop) if not task.cancelling())
        self.names += sorted(f"{task.get_name()}: {task.get_coro()!r}" for task in left)
        self._cancel_all(loop)
