"""Starting a program so that cancelling in the middle does no harm."""

import asyncio
import contextlib
from asyncio.subprocess import Process
from typing import Any

from pipeline.engines.all_or_nothing import all_or_nothing


async def spawn(*command: str, **options: Any) -> Process:
    """Start a program, as `asyncio.create_subprocess_exec` does with these options.

    Cancelling that one before its pipes are connected waits for ever (CPython 3.11: the transport is finished only when
    all of them were). Here the start goes on to its end, and then the program is killed.

    Raises:
        OSError: the program is not installed, or cannot be started.
    """
    return await all_or_nothing(asyncio.create_subprocess_exec(*command, **options), _discard)


async def _discard(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    if process.stdin is not None:
        process.stdin.close()
    while process.stdout is not None and await process.stdout.read(1 << 16):
        pass
    await process.wait()
