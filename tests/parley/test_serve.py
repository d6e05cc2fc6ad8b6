"""`parley serve` as a process: it says where it is, and stops when told to."""

import asyncio
import contextlib
import json
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest

from tests.support.caller import Caller, as_sent, call
from tests.support.recordings import Recording
from tests.support.until import until

pytestmark = pytest.mark.timeout(90)

ANYWHERE = ("--port", "0", "--set", "rtc.host=127.0.0.1")
# Longer than until the first look at how late the event loop runs.
LOOK_S = 0.7
AT_ONCE_S = 1


@contextlib.asynccontextmanager
async def serving(*flags: str) -> AsyncIterator[Process]:
    """Run it; whatever happens, it is gone afterwards."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "parley", "serve", *flags, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def address(process: Process) -> str:
    """Read on until it says where it is."""
    assert process.stderr
    async for line in process.stderr:
        if found := re.search(rb"Parley is at (http://\S+)", line):
            return found.group(1).decode()
    raise AssertionError("it ended without saying where it is")


def ann(url: str, *, connect: bool = True) -> AbstractAsyncContextManager[Caller]:
    """Let Ann into a room."""
    return call(url, "hall", name="Ann", speaks="en", hears="en", connect=connect)


async def ending(process: Process) -> bytes:
    """Wait until it ends in order, and give what it said last."""
    _, rest = await asyncio.wait_for(process.communicate(), 15)
    assert b"Traceback" not in rest
    return rest


def logged(lines: bytes) -> list[dict[str, Any]]:
    """Give the lines of a JSON log, those for people left out."""
    return [json.loads(line) for line in lines.splitlines() if line.startswith(b"{")]


async def test_it_says_where_it_is_and_stops_at_once_when_nobody_talks() -> None:
    """It answers, on uvloop; who is in a room is told of the end, their socket closes with 1001, the process ends."""
    async with serving(*ANYWHERE, "--log-format", "json") as process:
        url = await asyncio.wait_for(address(process), 60)
        async with aiohttp.ClientSession(url) as http, ann(url, connect=False) as caller:
            await asyncio.sleep(LOOK_S)
            async with http.get("/healthz") as health, http.get("/metrics") as metrics:
                assert (await health.json())["alive"]
                looks = re.search(r"^parley_loop_lag_seconds_count (\S+)", await metrics.text(), re.MULTILINE)
                assert looks is not None
                assert float(looks.group(1)) >= 1
            process.send_signal(signal.SIGTERM)
            await until(lambda: caller.closed_with() is not None, AT_ONCE_S)
            assert caller.closed_with() == 1001
            assert [notice["code"] for notice in caller.events("notice")] == ["server_stopping"]
            rest = await ending(process)
    assert process.returncode == 0
    (serves,) = [line for line in logged(rest) if line["event"] == "serving"]
    assert serves["event_loop"] == "uvloop"


@pytest.mark.soak
async def test_a_second_signal_does_not_wait_for_who_talks(recordings: tuple[Recording, ...]) -> None:
    """While Ann talks on, the first one makes the server unready and is waited for; the second one ends it cleanly."""
    async with serving(*ANYWHERE) as process:
        url = await asyncio.wait_for(address(process), 60)
        async with aiohttp.ClientSession(url) as http, ann(url) as caller:
            caller.microphone.play(await asyncio.to_thread(as_sent, recordings[0].samples))
            await caller.wait_for("speaking", lambda speaking: speaking["speaker_ids"])
            await asyncio.sleep(1)
            process.send_signal(signal.SIGINT)
            await caller.wait_for("notice", lambda notice: notice["code"] == "server_stopping")
            await asyncio.sleep(1)
            async with http.get("/readyz") as ready:
                assert (ready.status, (await ready.json())["missing"]) == (503, ["draining"])
            assert caller.closed_with() is None
            process.send_signal(signal.SIGINT)
            await until(lambda: caller.closed_with() is not None, AT_ONCE_S)
            assert caller.closed_with() == 1001
            await ending(process)
    assert process.returncode == 0


async def test_a_start_can_be_stopped() -> None:
    """Nobody has to wait for engines that they do not want any more."""
    async with serving(*ANYWHERE) as process:
        assert process.stderr
        while b"Starting" not in await asyncio.wait_for(process.stderr.readline(), 60):
            pass
        process.send_signal(signal.SIGINT)
        _, rest = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0
        assert b"before it was up" in rest
        assert b"Traceback" not in rest


async def test_an_engine_that_is_not_there_is_said_in_one_line() -> None:
    """Exit code 2, its name, and what to do."""
    async with serving("--port", "0", "--stt", "nosuch", "--log-level", "error") as process:
        _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert b"nosuch" in told
    assert b"parley engines" in told
    assert b"Traceback" not in told


async def test_a_taken_port_is_said_in_one_line() -> None:
    """Exit code 1, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with serving("--port", port, "--set", "rtc.host=127.0.0.1", "--log-level", "error") as process:
            _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"already in use" in told
    assert b"parley doctor" in told
    assert b"Traceback" not in told
