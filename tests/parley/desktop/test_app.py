"""`parley overlay` as people start it, on a desktop, above another program's window."""

import asyncio
import contextlib
import signal
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable

import numpy as np
from aiohttp import web

from tests.fakes.switchboard import caption, switchboard, tell
from tests.support.desktop import HEIGHT, WIDTH, Desktop, TextWindow

LIMIT_S = 30.0
# A look at the whole screen takes some milliseconds.
_LOOK_S = 0.1
# Of the field, as `text_window.py` has it; and with the overlay's ground over it.
GREEN, SHADED = (64, 192, 64), (26, 77, 26)


@contextlib.asynccontextmanager
async def parley(screen: Desktop, *arguments: str) -> AsyncIterator[Process]:
    """Run `parley` there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "parley", *arguments),
        env={**screen.environment, "PARLEY_TOKEN": "t"},
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def seen(is_so: Callable[[], bool]) -> None:
    """Wait until something is to be seen."""
    async with asyncio.timeout(LIMIT_S):
        while not await asyncio.to_thread(is_so):  # noqa: ASYNC110 - the screen tells nobody that it changed
            await asyncio.sleep(_LOOK_S)


def say(process: Process, line: str) -> None:
    """Write a line in its terminal."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())


def count(screen: Desktop, colour: tuple[int, int, int], rows: slice, near: int = 6) -> int:
    """Count the pixels of a colour in some rows."""
    seen = screen.pixels()[rows].astype(int)
    return int((np.abs(seen - np.array(colour)).max(axis=2) <= near).sum())


UPPER, LOWER = slice(30, HEIGHT // 2), slice(HEIGHT // 2, HEIGHT - 5)


def is_shown(screen: Desktop, rows: slice) -> bool:
    """Whether there are white letters on a ground through which the field is seen."""
    return count(screen, (255, 255, 255), rows) > 800 and count(screen, SHADED, rows) > 10_000


async def test_captions_are_above_everything_and_nothing_is_in_their_way(screen: Desktop, field: TextWindow) -> None:
    """Seen over another window, also when that comes to the front; clicks and keys go to that one."""
    readers: list[web.WebSocketResponse] = []

    async def hall(socket: web.WebSocketResponse) -> None:
        readers.append(socket)
        said = caption("Buenos días a todos, ¿cómo están?") | {"source_text": "Good morning, how are you all?"}
        await tell(socket, said | {"timestamp_ms": 1}, caption("Hoy hablamos de", final=False, clause=1))
        async for _ in socket:
            pass

    async with switchboard(hall) as server:
        arguments = ("overlay", f"{server.url}/r/hall", "--language", "es", "--dual")
        async with parley(screen, *arguments) as process:
            await seen(lambda: is_shown(screen, LOWER))
            assert server.queries[0] == {"token": "t", "language": "es"}
            await asyncio.to_thread(screen.keep, "overlay.png")
            # The field is in front of all that is not above everything, and it got the click.
            screen.click(WIDTH // 2, HEIGHT - 120)
            await seen(lambda: field.clicks == 1)
            # Were it put below by that, it would be above again within a second.
            await asyncio.sleep(1.3)
            assert await asyncio.to_thread(is_shown, screen, LOWER)
            say(process, "top")
            await seen(lambda: is_shown(screen, UPPER))
            await asyncio.to_thread(screen.keep, "overlay-top.png")
            # The server goes, and is waited for.
            server.refusals = [503] * 1_000
            await readers[0].close(code=1001)
            assert process.stdout is not None
            assert b"begins anew" in await process.stdout.readline()
            say(process, "clear")
            await seen(lambda: count(screen, (255, 209, 102), UPPER, near=12) > 100)
            await asyncio.to_thread(screen.keep, "overlay-waiting.png")
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert await process.wait() == 0
            assert time.monotonic() - began < 3
            assert await asyncio.to_thread(count, screen, GREEN, UPPER) > 100_000


async def test_what_ends_it_is_said_in_the_window_and_in_the_terminal(screen: Desktop) -> None:
    """For a while, and then it ends with 1."""

    async def ended(socket: web.WebSocketResponse) -> None:
        await socket.close(code=4410)

    async with switchboard(ended) as server, parley(screen, "overlay", f"{server.url}/r/hall") as process:
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode() == "A host has ended the room.\n"
        await seen(lambda: count(screen, (255, 209, 102), LOWER, near=12) > 100)
        say(process, "quit")
        assert await process.wait() == 1
