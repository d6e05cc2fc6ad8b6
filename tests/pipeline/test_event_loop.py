"""Which event loop is used."""

import asyncio
import sys

import pytest

from pipeline.event_loop import loop_name, new_event_loop


def library() -> str:
    """Name the library behind a new loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return type(runner.get_loop()).__module__.partition(".")[0]


def test_it_is_uvloops() -> None:
    """Where uvloop is installed, as the set-up does it."""
    assert library() == "uvloop"


def test_the_running_one_is_named() -> None:
    """For the log line at the start."""

    async def ask() -> str:
        return loop_name()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(ask()) == "uvloop"
    with asyncio.Runner() as runner:
        assert runner.run(ask()) == "asyncio"


def test_without_uvloop_it_is_asyncios(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a platform that lacks uvloop everything runs all the same."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert library() == "asyncio"
