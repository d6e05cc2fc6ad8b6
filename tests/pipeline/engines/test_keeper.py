"""Keeping an engine's process alive."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pipeline.engines.engine import EngineCrashedError, EngineUnavailableError
from pipeline.engines.frames import Ping, Ready
from pipeline.engines.keeper import Keeper
from pipeline.engines.settings import EngineSettings
from tests.support.until import until

SETTINGS = EngineSettings(restart_wait_s=20, backoff_first_s=0.05)


@pytest.fixture
async def keeper() -> AsyncIterator[Keeper]:
    async with Keeper("tests.fakes.hosted.shouter", SETTINGS) as keeper:
        yield keeper


def kill(keeper: Keeper) -> int:
    assert keeper.process_id is not None
    process = keeper.process_id
    os.kill(process, signal.SIGKILL)
    return process


async def test_a_crashed_process_is_started_again(keeper: Keeper, log_lines: list[Any]) -> None:
    """Whoever asks meanwhile waits a moment and gets the new one."""
    dead = kill(keeper)
    await until(lambda: not keeper.healthy and keeper.available)  # it is worth waiting for
    child = await keeper.child()
    assert child.process_id != dead
    await child.ask(Ping(id=child.next_id()))
    assert keeper.restarts == 1
    assert "engine_crashed" in [line["event"] for line in log_lines]


async def test_what_it_can_is_known(keeper: Keeper) -> None:
    """The process told when it was ready."""
    assert keeper.ready.pairs == {("en", "es"), ("en", "fr")}
    assert keeper.healthy
    assert keeper.load == 0


async def test_waiting_for_a_restart_has_a_limit() -> None:
    """After it the request fails with an error that may be retried, and nobody takes the engine for available."""
    async with Keeper("tests.fakes.hosted.shouter", EngineSettings(restart_wait_s=0)) as keeper:
        kill(keeper)
        await until(lambda: not keeper.healthy)
        with pytest.raises(EngineCrashedError):
            await keeper.child()
        await until(lambda: not keeper.available or keeper.healthy)


async def test_it_keeps_trying(keeper: Keeper, monkeypatch: pytest.MonkeyPatch, log_lines: list[Any]) -> None:
    """A start that fails is followed by another."""
    module, keeper._module = keeper._module, "tests.fakes.hosted.unfit"
    kill(keeper)
    await until(lambda: "engine_did_not_start" in [line["event"] for line in log_lines], 20)
    keeper._module = module
    await keeper.child()
    assert keeper.restarts >= 2


async def test_the_first_start_must_succeed() -> None:
    """Whoever cannot work at all says so to the one who starts it."""
    with pytest.raises(EngineUnavailableError):
        async with Keeper("tests.fakes.hosted.unfit", SETTINGS):
            pass


async def test_a_closed_keeper_keeps_nothing() -> None:
    """The process is gone, none is started again, and closing twice is harmless."""
    async with Keeper("tests.fakes.hosted.shouter", EngineSettings(restart_wait_s=0.01)) as keeper:
        process = keeper.process_id
        assert process is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    await keeper.__aexit__()
    await asyncio.sleep(0)
    assert keeper.ready == Ready()
    with pytest.raises(EngineCrashedError):
        await keeper.child()
