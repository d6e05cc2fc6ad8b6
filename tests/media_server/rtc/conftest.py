"""Both event loops, and an endpoint on this machine only."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from typing import Any

import pytest
import structlog
import structlog.testing
import uvloop

from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run each test of connections under both event loops."""
    return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """Keep what is logged, unrendered: a traceback on a console takes longer than these tests may hold the loop."""
    with structlog.testing.capture_logs() as logs:
        yield logs


@pytest.fixture
async def endpoint() -> AsyncIterator[RtcEndpoint]:
    """Give an endpoint on 127.0.0.1."""
    async with RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint:
        yield endpoint
