"""What tests of nodes stand on: a real Redis, one for each module."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest

from tests.signaling.nodes.standing import StandingNode, new_prefix, settings, standing_node
from tests.support.redis_server import RedisServer, redis_server
from tests.support.until import until

TwoNodes = tuple[StandingNode, StandingNode]
NewNode = Callable[..., AbstractAsyncContextManager[StandingNode]]


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def prefix() -> str:
    """Give keys of a test's own."""
    return new_prefix()


@pytest.fixture
def new_node(redis: RedisServer, prefix: str) -> NewNode:
    """Give a function that runs a node of this test."""

    def run(name: str = "node", **times: Any) -> AbstractAsyncContextManager[StandingNode]:
        return standing_node(settings(redis, prefix, **times), redis, name)

    return run


@pytest.fixture
async def two_nodes(new_node: NewNode) -> AsyncIterator[TwoNodes]:
    """Give two nodes that know of each other."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(new_node("one"))
        two = await stack.enter_async_context(new_node("two"))
        await until(lambda: all(len(node.nodes.known()) == 2 for node in (one, two)))
        yield one, two
