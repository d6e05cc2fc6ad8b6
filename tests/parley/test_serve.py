"""`parley serve` as a process: it says where it is, and stops when told to."""

import asyncio
import contextlib
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

import aiohttp
import pytest

pytestmark = pytest.mark.timeout(90)


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_is_and_stops_when_told(number: signal.Signals) -> None:
    """The address answers; a signal ends it cleanly within seconds."""
    async with serving("--port", "0", "--set", "rtc.host=127.0.0.1") as process:
        url = await asyncio.wait_for(address(process), 60)
        async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as answer:
            assert answer.status == 200
        process.send_signal(number)
        _, rest = await asyncio.wait_for(process.communicate(), 15)
        assert process.returncode == 0
        assert b"Traceback" not in rest


async def test_a_start_can_be_stopped() -> None:
    """Nobody has to wait for engines that they do not want any more."""
    async with serving("--port", "0", "--set", "rtc.host=127.0.0.1") as process:
        assert process.stderr
        while b"Starting" not in await asyncio.wait_for(process.stderr.readline(), 60):
            pass
        process.send_signal(signal.SIGINT)
        _, rest = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0
        assert b"before it was up" in rest
        assert b"Traceback" not in rest


async def test_an_engine_that_is_not_there_is_said_in_one_line() -> None:
    """Exit code 1, its name, and what to do."""
    async with serving("--port", "0", "--stt", "nosuch", "--log-level", "error") as process:
        _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
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
