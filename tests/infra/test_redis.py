"""infra/redis/redis.conf: what Redis must do for nodes, as Redis itself reads it."""

import pytest
import yaml

from signaling.nodes.settings import NodeSettings
from signaling.nodes.store import Store
from tests.infra.composed import as_written
from tests.infra.manifests import container, of_kind
from tests.support.redis_server import own_redis
from tests.support.source_tree import ROOT

CONF = ROOT / "infra" / "redis" / "redis.conf"
VARIABLE = "PARLEY_SIGNALING__NODES__REDIS_URL"


def directives() -> dict[str, str]:
    lines = (line.partition(" ") for line in CONF.read_text().splitlines() if line and line[0] != "#")
    return {name: value for name, _, value in lines}


def test_nothing_is_thrown_away_and_little_is_lost() -> None:
    """A lease that is thrown away puts a room on two nodes."""
    found = directives()
    assert found["maxmemory-policy"] == "noeviction"
    assert found["maxmemory"] == "256mb"
    assert (found["appendonly"], found["appendfsync"]) == ("yes", "everysec")


async def test_redis_reads_it_and_a_node_is_content() -> None:
    """The real program starts with it, and the check at a node's start finds nothing to complain about."""
    words = [word for name, value in directives().items() for word in (f"--{name}", value.strip('"'))]
    async with own_redis(*words) as redis, Store(NodeSettings(redis_url=redis.url)) as store:
        assert await store.check() == ""


def test_compose_starts_redis_with_it() -> None:
    """The file itself, and a place on a disk for what it keeps."""
    it = as_written()["redis"]
    assert it["command"][:2] == ["redis-server", "/etc/redis/redis.conf"]
    assert "./infra/redis/redis.conf:/etc/redis/redis.conf:ro" in it["volumes"]
    assert "redis:/data" in it["volumes"]
    assert "redis" in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["volumes"]


@pytest.mark.parametrize("name", ["node", "node-2"])
def test_compose_tells_nodes_where_redis_is(name: str) -> None:
    """And starts them when it is well."""
    it = as_written()[name]
    assert it["environment"][VARIABLE] == "redis://redis:6379/0"
    assert it["depends_on"]["redis"] == {"condition": "service_healthy"}


def test_only_nodes_of_the_cluster_are_told() -> None:
    """Workers need none, and have not the secret that goes with it."""
    [node] = of_kind("cpu", "Deployment")
    assert VARIABLE in {each["name"] for each in container(node)["env"]}
    [config] = [each for each in of_kind("cpu", "ConfigMap") if each["metadata"]["name"] == "parley"]
    assert VARIABLE not in config["data"]
