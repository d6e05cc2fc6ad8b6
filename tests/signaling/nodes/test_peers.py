"""The other nodes, asked directly."""

import time

from signaling.nodes.node import Node
from signaling.nodes.peers import WITNESS_PATH
from signaling.nodes.proof import HEADER, Passed, node_key, prove
from tests.signaling.nodes.conftest import TwoNodes
from tests.signaling.nodes.standing import SECRET, cut_off

GONE = Node(node_id="gone", url="http://127.0.0.1:9")


async def test_a_node_says_whether_it_reaches_redis(two_nodes: TwoNodes) -> None:
    """One good answer is enough; a node that is not there says nothing; nobody asks themselves."""
    one, two = two_nodes
    peers = one.nodes.tenancy._peers
    known = one.nodes.known()
    assert await peers.reach_redis(one.node_id, [GONE, *known])
    with cut_off(two):
        assert not await peers.reach_redis(one.node_id, [GONE, *known])
    assert not await peers.reach_redis(one.node_id, [node for node in known if node.node_id == one.node_id])


async def test_only_nodes_are_answered(two_nodes: TwoNodes) -> None:
    """To anybody else there is no such page."""
    one, _ = two_nodes
    good = prove(node_key("", SECRET), Passed("two", time.time(), ""), "GET", WITNESS_PATH)
    for header, status in (({}, 404), ({HEADER: good + "0"}, 404), ({HEADER: good}, 204)):
        async with one.http.get(one.url + WITNESS_PATH, headers=header) as answer:
            assert answer.status == status
