"""`parley type` without a window, as a process; its keyboard is paper, its recorder a stand-in."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.fakes.switchboard import Switchboard, caption, joined, switchboard, tell
from tests.support.source_tree import ROOT
from tests.support.until import until

# Stands in for SoundCard: one pair of speakers that play a tone.
SOUND = """
import time
import numpy
class _Device:
    id, name, isloopback = "a", "Speakers", True
    def recorder(self, **_): return self
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def record(self, count):
        time.sleep(0.05)
        return numpy.full((count, 1), 0.5, dtype=numpy.float32)
def all_microphones(include_loopback): return [_Device()]
def default_speaker(): return _Device()
"""


@contextlib.asynccontextmanager
async def typing(folder: Path, server: Switchboard, *arguments: str) -> AsyncIterator[Process]:
    (folder / "soundcard.py").write_text(SOUND)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "parley", "type", server.url, "--system", "--print", *arguments),
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PARLEY_API_KEY": "key", "PARLEY_TOKEN": ""},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class Desk:
    """A server that hears somebody, and writes what they are to have said."""

    def __init__(self) -> None:
        self.server: Switchboard
        self.sounds = 0
        self.asked: list[str] = []

    async def __call__(self, socket: web.WebSocketResponse) -> None:
        if "/ws/captions/" in self.server.paths[-1]:
            await until(lambda: self.sounds > 2, 30)
            mine = {"speaker_id": "p-1", "timestamp_ms": 9}
            for number, text in enumerate(("uno", "dos")):
                await tell(socket, caption(text[0], final=False, clause=number) | mine)
                await tell(socket, caption(text, clause=number) | mine)
            async for _ in socket:
                pass
            return
        await tell(socket, joined("p-1"))
        async for message in socket:
            if isinstance(message.data, bytes):
                self.sounds += 1
            else:
                self.asked.append(message.data)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_what_is_said_is_printed_a_line_a_clause(tmp_path: Path, number: signal.Signals) -> None:
    """Final text only, in a room of its own; languages change by the terminal, and Ctrl-C ends it with 0."""
    desk = Desk()
    async with switchboard(desk) as server:
        desk.server = server
        async with typing(tmp_path, server, "--speak", "en", "--language", "es") as process:
            assert process.stdout is not None
            assert process.stdin is not None
            assert process.stderr is not None
            async with asyncio.timeout(30):
                assert [await process.stdout.readline() for _ in range(2)] == [b"uno\n", b"dos\n"]
                process.stdin.write(b"dance\nbigger\nspeak fr\n")
                await until(lambda: any("fr" in each for each in desk.asked), 10)
                process.stdin.write(b"pause\n")
                said = [await process.stderr.readline() for _ in range(4)]
                process.send_signal(number)
                assert await process.wait() == 0
    assert b"there is no 'dance'" in said[1]
    assert b"--interim-window" in said[2]
    assert b"resume" in said[3]
    rooms = {path.rpartition("/")[2] for path in server.paths}
    assert len(rooms) == 1
    assert rooms.pop().startswith("desktop-")
    assert {body["role"] for path, body, _ in server.posts if path == "/api/v1/tokens"} == {"speaker"}


async def test_what_will_not_change_ends_it_with_1(tmp_path: Path) -> None:
    """And with words."""

    async def ended(socket: web.WebSocketResponse) -> None:
        await socket.close(code=4001)

    async with switchboard(ended) as server, typing(tmp_path, server) as process:
        _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"The invitation opens nothing" in said
