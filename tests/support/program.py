"""`parley ...` as a process, which says on standard error when it is ready."""

import asyncio
import contextlib
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator

END_S = 15.0
"""How long one may take to end once it is told to."""
KEPT = 2_000
"""Lines of what it said that are kept."""


SHOWN = 40
"""Of these, how many are shown where a test failed."""


class Program:
    """One that runs. Made by `program`."""

    def __init__(self, process: Process, words: str) -> None:
        self.process = process
        self.words = words
        # What it said on standard error, oldest first.
        self.lines: list[str] = []
        self._said = asyncio.Event()

    async def read(self) -> None:
        """Take in what it says, to its end."""
        assert self.process.stderr
        async for line in self.process.stderr:
            self.lines.append(line.decode(errors="replace").rstrip())
            del self.lines[:-KEPT]
            self._said.set()
        self._said.set()

    async def says(self, pattern: str, limit_s: float = 60) -> re.Match[str]:
        """Wait until it has said something that matches.

        Raises:
            AssertionError: it ended without.
        """
        async with asyncio.timeout(limit_s):
            while True:
                self._said.clear()
                for line in self.lines:
                    if found := re.search(pattern, line):
                        return found
                tail = "\n".join(self.lines[-20:])
                assert self.process.returncode is None, (
                    f"parley {self.words} ended with {self.process.returncode}:\n{tail}"
                )
                await self._said.wait()

    async def stop(self) -> int:
        """Tell it to stop, and give its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), END_S)


@contextlib.asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[Program]:
    """Run `parley` with these arguments; it is told to stop at the end, and killed if it does not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parley", *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    running = Program(process, " ".join(arguments))
    reading = asyncio.create_task(running.read(), name="program")
    try:
        yield running
    finally:
        with contextlib.suppress(TimeoutError):
            await running.stop()
        if process.returncode is None:
            process.kill()
            await process.wait()
        await reading
        # Shown if the test failed.
        print(f"--- parley {running.words}", *running.lines[-SHOWN:], sep="\n")  # noqa: T201
