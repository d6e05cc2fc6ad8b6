"""Being told to stop."""

import asyncio
import os
import signal

import pytest

from parley.stop import Stop, tell


async def test_a_signal_is_heard_once_the_process_runs() -> None:
    """The first is in order, the second in a hurry; what was to be waited for is then broken off."""
    stop = Stop()
    stop.started()
    assert not stop.asked.is_set()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stop.asked.wait(), 1)
    assert not stop.hurried.is_set()
    waiting = asyncio.create_task(stop.unless_hurried(asyncio.sleep(60)))
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.wait_for(waiting, 1)
    assert stop.hurried.is_set()


async def test_a_signal_during_the_start_breaks_it_off() -> None:
    """Whatever it waits for."""

    async def start() -> Stop:
        stop = Stop()
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            assert stop.asked.is_set()
        return stop

    await asyncio.wait_for(asyncio.create_task(start()), 1)


async def test_after_letting_go_signals_do_what_they_always_do() -> None:
    """Ctrl-C interrupts Python again."""
    before = signal.getsignal(signal.SIGTERM)
    stop = Stop()
    stop.started()
    stop.let_go()
    assert signal.getsignal(signal.SIGTERM) == before


def test_people_are_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is for data."""
    tell("Starting ...")
    assert capsys.readouterr() == ("", "Starting ...\n")
