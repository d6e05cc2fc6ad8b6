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

from pipeline.settings import MEMORY
from tests.benchmarks.process import ServerProcess
from tests.support.broker import broker
from tests.support.kafka_workers import bus_url, create_topics, translates, workers


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
async def server(bus: str = MEMORY) -> AsyncIterator[Measured]:
    """Run the measured server until the block ends; on `kafka` with a broker and a worker of each stage beside it."""
    async with contextlib.AsyncExitStack() as stack:
        url = bus if bus == MEMORY else await stack.enter_async_context(_kafka())
        measured = await stack.enter_async_context(_server(url))
        if bus != MEMORY:
            await translates(measured.url, "en", "es")
        yield measured


@contextlib.asynccontextmanager
async def _kafka() -> AsyncIterator[str]:
    async with broker() as kafka:
        await create_topics(kafka.bootstrap)
        async with workers(kafka.bootstrap):
            yield bus_url(kafka.bootstrap)


@contextlib.asynccontextmanager
async def _server(url: str) -> AsyncIterator[Measured]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.measured_server",
        url,
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
