"""What the doctor says of the Redis that nodes share."""

from collections.abc import Iterator

import pytest

from parley.redis_report import SET_UP, redis
from parley.settings import Settings
from signaling.nodes.settings import NodeSettings
from signaling.settings import SignalingSettings
from tests.support.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server("--maxmemory", "10mb", "--appendonly", "yes") as server:
        yield server


def told(url: str) -> list[tuple[str, str]]:
    settings = Settings(signaling=SignalingSettings(nodes=NodeSettings(redis_url=url)))
    return [(finding.state, finding.remedy) for finding in redis(settings)]


def test_one_node_has_none() -> None:
    """And nothing is said of it."""
    assert told("") == []


def test_one_that_is_set_up_well_is_well(server: RedisServer) -> None:
    """Another one is warned of, or refused."""
    assert told(server.url) == [("ok", "")]
    server.ask("CONFIG", "SET", "maxmemory", "0")
    assert told(server.url) == [("warn", "start it with infra/redis/redis.conf")]
    server.ask("CONFIG", "SET", "maxmemory", "10mb")
    server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    assert told(server.url) == [("missing", SET_UP)]


def test_one_that_is_not_there_is_missing() -> None:
    """With what to do."""
    assert told("redis://127.0.0.1:9/0") == [("missing", SET_UP)]
