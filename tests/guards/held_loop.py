"""Fails a test in which one step holds the event loop longer than a limit: meanwhile nobody's sound would move.

What counts is how long the step took less how long its thread stood in the kernel's run queue (Linux tells that in
/proc/thread-self/schedstat), so a busy machine does not make a test fail. Where that file is missing, all of it counts.
A step that never went to sleep counts as long as its thread ran: what is missing then was taken from the whole machine.
"""

import asyncio
import contextlib
import os
import resource
import threading
import time
from asyncio import base_events, events
from collections.abc import Callable
from dataclasses import dataclass

SCHEDSTAT = "/proc/thread-self/schedstat"


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

    def begin(self) -> None:
        self.holds.clear()

    def fault(self) -> str | None:
        if not self.holds:
            return None
        worst = max(self.holds, key=lambda hold: hold.held_ms)
        return (
            f"the event loop was held for {worst.held_ms:.0f} ms (limit {self._limit_ms:.0f} ms) by {worst.what}; "
            "move the work to a thread or a child process"
        )

    def _run(self, handle: events.Handle) -> None:
        clock = self._clock()
        waited_s, sleeps, ran_s = clock.waited_s(), _sleeps(), time.thread_time()
        began_s = time.perf_counter()
        self._run_step(handle)
        held_s = time.perf_counter() - began_s
        if held_s * 1000 > self._limit_ms:
            held_s -= clock.waited_s() - waited_s
            if _sleeps() == sleeps:
                held_s = min(held_s, time.thread_time() - ran_s)
        if held_s * 1000 > self._limit_ms:
            self.holds.append(Hold(held_s * 1000, describe(handle)))

    def _clock(self) -> RunQueueClock:
        try:
            clock: RunQueueClock = self._of_thread.clock
        except AttributeError:
            clock = self._of_thread.clock = RunQueueClock()
        return clock


def _sleeps() -> int:
    """How often the calling thread has waited for something: voluntary context switches."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def describe(handle: events.Handle) -> str:
    """Name the task behind a step, or the callback."""
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    if isinstance(task, asyncio.Task):
        return f"{task.get_name()}: {task.get_coro()!r}"
    return str(base_events._format_handle(handle))  # type: ignore[attr-defined]
