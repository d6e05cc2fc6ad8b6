"""Fails a test in which one step holds the event loop longer than a limit: meanwhile nobody's sound would move.

What counts is how long the step took less how long its thread stood in the kernel's run queue (Linux tells that in
/proc/thread-self/schedstat), so a busy machine does not make a test fail. Where that file is missing, all of it counts.
"""

import asyncio
import contextlib
import os
import threading
import time
from asyncio import base_events, events
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import pytest

SCHEDSTAT = "/proc/thread-self/schedstat"
Phase = Generator[None, Any, Any]


@dataclass(frozen=True)
class Hold:
    """One step of an event loop that took too long."""

    held_ms: float
    # The task or callback that held the loop.
    what: str


class RunQueueClock:
    """How long the calling thread has stood in the run queue so far. Of one thread, for that thread."""

    def __init__(self, path: str = SCHEDSTAT) -> None:
        self._file = -1
        with contextlib.suppress(OSError):
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def waited_s(self) -> float:
        if self._file < 0:
            return 0.0
        return int(os.pread(self._file, 64, 0).split()[1]) / 1e9

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)


class HeldLoop:
    """Measures every step of every event loop in this process, while it is installed."""

    def __init__(self, limit_ms: float) -> None:
        self._limit_ms = limit_ms
        self._of_thread = threading.local()
        self._run_step: Callable[[events.Handle], None] = events.Handle._run
        self.holds: list[Hold] = []

    def install(self) -> None:
        watch = self

        def run(handle: events.Handle) -> None:
            watch._run(handle)

        setattr(events.Handle, "_run", run)  # noqa: B010 - replaced on purpose, which a type checker cannot follow

    def remove(self) -> None:
        setattr(events.Handle, "_run", self._run_step)  # noqa: B010

    def _run(self, handle: events.Handle) -> None:
        clock = self._clock()
        waited_s, began_s = clock.waited_s(), time.perf_counter()
        self._run_step(handle)
        held_s = time.perf_counter() - began_s
        if held_s * 1000 > self._limit_ms:
            held_s -= clock.waited_s() - waited_s
        if held_s * 1000 > self._limit_ms:
            self.holds.append(Hold(held_s * 1000, describe(handle)))

    def _clock(self) -> RunQueueClock:
        try:
            clock: RunQueueClock = self._of_thread.clock
        except AttributeError:
            clock = self._of_thread.clock = RunQueueClock()
        return clock


def describe(handle: events.Handle) -> str:
    """Name the task behind a step, or the callback."""
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    if isinstance(task, asyncio.Task):
        return f"{task.get_name()}: {task.get_coro()!r}"
    return str(base_events._format_handle(handle))  # type: ignore[attr-defined]


class HeldLoopGuard:
    """The pytest plugin: set-up, call and teardown of each test are watched; `blocks_loop(reason)` exempts a test."""

    def __init__(self, limit_ms: float) -> None:
        self._limit_ms = limit_ms
        self._watch = HeldLoop(limit_ms)

    def pytest_sessionstart(self) -> None:
        self._watch.install()

    def pytest_sessionfinish(self) -> None:
        self._watch.remove()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Phase:
        return (yield from self._phase(item))

    def _phase(self, item: pytest.Item) -> Phase:
        self._watch.holds.clear()
        result = yield
        if self._watch.holds and not is_exempt(item, "blocks_loop"):
            self._fail()
        return result

    def _fail(self) -> None:
        worst = max(self._watch.holds, key=lambda hold: hold.held_ms)
        pytest.fail(
            f"the event loop was held for {worst.held_ms:.0f} ms (limit {self._limit_ms:.0f} ms) by {worst.what}; "
            "move the work to a thread or a child process, or say why not with the marker blocks_loop(reason)",
            pytrace=False,
        )


def is_exempt(item: pytest.Item, marker: str) -> bool:
    """Say whether a test carries the marker; it must give a reason."""
    mark = item.get_closest_marker(marker)
    if mark is not None and not mark.args:
        pytest.fail(f"{marker} needs a reason: @pytest.mark.{marker}('why')", pytrace=False)
    return mark is not None
