"""What a node on Kafka needs beside itself: topics, and a worker of each stage as a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import get_args

import aiohttp

from parley.topics import create
from pipeline.settings import KafkaSettings, StageCommand
from tests.support.program import Program, program


def bus_url(bootstrap: str) -> str:
    """Name the brokers as `--bus` takes them."""
    return f"kafka://{bootstrap}"


async def create_topics(bootstrap: str, prefix: str = "") -> None:
    """Make the topics there, with this in front of their names."""
    lines, is_well = await create(KafkaSettings(bootstrap_servers=bootstrap, prefix=prefix))
    assert is_well, lines


@asynccontextmanager
async def workers(bootstrap: str, *settings: str) -> AsyncIterator[dict[StageCommand, Program]]:
    """Run a worker of each stage, with the real engines, until the block ends; `settings` as NAME=VALUE."""
    async with AsyncExitStack() as stack:
        running: dict[StageCommand, Program] = {}
        for stage in get_args(StageCommand):
            words = ("worker", stage, "--bus", bus_url(bootstrap), *_set(settings))
            running[stage] = await stack.enter_async_context(program(*words))
        await asyncio.gather(*(each.says("worker .* is ready") for each in running.values()))
        yield running


async def translates(url: str, source: str, target: str, limit_s: float = 30) -> None:
    """Wait until a node knows of somebody for each step from one language to another."""
    async with asyncio.timeout(limit_s), aiohttp.ClientSession(url) as http:
        while True:
            async with http.get("/api/v1/languages") as response:
                listen = (await response.json())["listen"]
            if any(each["language"] == target and source in each["sources"] for each in listen):
                return
            await asyncio.sleep(0.1)


def _set(settings: tuple[str, ...]) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]
