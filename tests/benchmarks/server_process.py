"""The measured server as a process of its own."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.process import ServerProcess


@dataclass(frozen=True)
class Measured(ServerProcess):
    """One whose utterances can be looked at. Its engines are processes of their own, which count for nothing here."""

    # The ledger's figures of each utterance so far; grows.
    utterances: list[dict[str, Any]]

    @property
    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    @property
    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))


@contextlib.asynccontextmanager
async def server() -> AsyncIterator[Measured]:
    """Run the measured server until the block ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.measured_server",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin
    assert process.stdout
    figures: list[dict[str, Any]] = []

    async def read(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            figures.append(json.loads(line))  # noqa: PERF401 - whoever has the list sees it grow

    try:
        first = json.loads(await asyncio.wait_for(process.stdout.readline(), 90))
        reading = asyncio.create_task(read(process.stdout))
        yield Measured(first["url"], process.pid, figures)
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 30)
    await reading
