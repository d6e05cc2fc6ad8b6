"""Fails a test that ends while a task nobody asked to end still runs on its event loop."""

import asyncio
from asyncio import runners
from collections.abc import Callable

import pytest

from tests.guards.held_loop import Phase, is_exempt

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

    def _look_and_cancel(self, loop: asyncio.AbstractEventLoop) -> None:
        left = (task for task in asyncio.all_tasks(loop) if not task.cancelling())
        self.names += sorted(f"{task.get_name()}: {task.get_coro()!r}" for task in left)
        self._cancel_all(loop)


class LeakedTasksGuard:
    """The pytest plugin; `leaves_tasks(reason)` exempts a test."""

    def __init__(self) -> None:
        self._watch = LeakedTasks()

    def pytest_sessionstart(self) -> None:
        self._watch.install()

    def pytest_sessionfinish(self) -> None:
        self._watch.remove()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    def _phase(self, item: pytest.Item) -> Phase:
        self._watch.names.clear()
        result = yield
        if self._watch.names and not is_exempt(item, "leaves_tasks"):
            pytest.fail(
                f"tasks still run at the end of the test: {'; '.join(self._watch.names)}; "
                "close what started them, or say why not with the marker leaves_tasks(reason)",
                pytrace=False,
            )
        return result
