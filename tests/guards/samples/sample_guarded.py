"""Good and bad tests, run by tests/test_guards.py in a process of their own with a limit of 100 ms; never collected."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

BUSY = "import time; end = time.time() + 10\nwhile time.time() < end: pass"

tasks: list[asyncio.Task[None]] = []


async def sleeper() -> None:
    time.sleep(0.15)  # noqa: ASYNC251 - the fault


async def forgotten() -> None:
    await asyncio.sleep(60)


async def test_sleeps() -> None:
    await asyncio.create_task(sleeper())


async def test_calculates() -> None:
    end = time.thread_time() + 0.15
    while time.thread_time() < end:
        pass


@pytest.fixture
async def slow() -> None:
    await sleeper()


async def test_has_a_slow_fixture(slow: None) -> None:
    pass


async def test_awaits() -> None:
    await asyncio.sleep(0.15)
    await asyncio.to_thread(time.sleep, 0.15)


@pytest.mark.blocks_loop("starts a model")
async def test_holds_with_a_reason() -> None:
    await sleeper()


@pytest.mark.blocks_loop
async def test_holds_without_a_reason() -> None:
    await sleeper()


@pytest.fixture
def crowd() -> Iterator[None]:
    """Keep the machine busy with many more processes than it has cores."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(8 * (os.cpu_count() or 1))]
    time.sleep(1)
    yield
    for other in others:
        other.kill()
    for other in others:
        other.wait()


async def test_works_in_a_crowd(crowd: None) -> None:
    began, end = time.perf_counter(), time.thread_time() + 0.04
    while time.thread_time() < end:
        pass
    assert time.perf_counter() - began > 0.1, "the machine was not busy enough to tell"


async def test_forgets_a_task() -> None:
    tasks.append(asyncio.create_task(forgotten()))
    await asyncio.sleep(0)


async def test_cancels_its_task() -> None:
    tasks.append(asyncio.create_task(forgotten()))
    await asyncio.sleep(0)
    tasks[-1].cancel()


@pytest.mark.leaves_tasks("a library keeps one")
async def test_leaves_a_task_with_a_reason() -> None:
    tasks.append(asyncio.create_task(forgotten()))
    await asyncio.sleep(0)
