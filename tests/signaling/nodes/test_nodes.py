"""This node among the others: how it begins and ends, and what is left of it."""

import time
from dataclasses import replace

import pytest

from signaling.identity.revocations import Revocation
from signaling.identity.settings import TokenSettings
from signaling.nodes.errors import NodesError
from signaling.nodes.nodes import Nodes
from tests.signaling.nodes.conftest import NewNode, TwoNodes
from tests.signaling.nodes.standing import API_KEY, settings, standing_node
from tests.support.redis_server import RedisServer
from tests.support.until import until


async def test_nodes_know_of_each_other(two_nodes: TwoNodes) -> None:
    """Where they are, how many people and rooms each has, and whether it drains."""
    one, two = two_nodes
    await one.join("demo", "ann")
    one.door.health.drain()
    await until(lambda: any(node.draining and node.people == 1 for node in two.nodes.known()))
    found = {node.node_id: node for node in two.nodes.known()}
    assert found[one.node_id].url == one.url
    assert (found[one.node_id].rooms, found[two.node_id].rooms) == (1, 0)


async def test_the_limits_of_an_address_are_not_for_nodes(two_nodes: TwoNodes) -> None:
    """Through one of them come many people, each of whom is counted by their own address."""
    one, _ = two_nodes
    addresses = one.door.crowd.addresses
    await until(lambda: addresses.is_node("127.0.0.1"))
    assert not addresses.is_node("192.0.2.1")
    assert not addresses.is_node(None)


async def test_a_room_is_as_it_was_when_its_node_comes_back(new_node: NewNode) -> None:
    """Locked, with who was let in; the resume token opens it, but not for a page that was replaced."""
    async with new_node("one") as one:
        one.door.states.change("demo", lobby=True, admitted=frozenset({"ann"}))
        ann = await one.join("demo", "ann")
        token = ann.told[-1]["resume_token"]
        one.door.hosts.lock("demo", True)
        page_id = ann.told[-1]["page_id"]
        one.sockets.clear()  # they do not say goodbye: the node ends under them
    async with new_node("one") as again:
        assert again.node_id != one.node_id
        for page, opens in (("0123456789abcdef", False), (page_id, True)):
            socket = await again.socket("demo", token=token)
            await socket.send("join", name="ann", speaking_language="en", listening_language="es", resume=page)
            if not opens:
                assert await socket.closed() == 4409
        joined = await socket.next("joined")
        assert joined["participant_id"] == "ann"
        assert joined["room"]["locked"] is True
        stranger = await again.socket("demo", "zoe")
        await stranger.send("join", name="Zoe", speaking_language="en", listening_language="es")
        assert await stranger.closed() == 4423


async def test_a_token_revoked_at_one_node_ends_at_all(two_nodes: TwoNodes) -> None:
    """With 4401, within seconds."""
    one, two = two_nodes
    issued = one.door.tokens.mint(one.door.tokens.verify(one.door.tokens.issue("demo", "ann"), "demo"))
    socket = await two.socket("demo", token=issued.token)
    await socket.send("join", name="ann", speaking_language="en", listening_language="es")
    await socket.next("joined")
    assert two.serves("demo")
    one.door.revocations.revoke(issued.token_id, time.time() + 60)
    await until(lambda: bool(one.door.revocations._untold) is False)
    two.door.revocations.adopt([Revocation(each.token_id, each.until) for each in await two.nodes._store.all()])
    assert await socket.closed() == 4401


async def test_a_room_made_by_rest_is_there_on_every_node(two_nodes: TwoNodes) -> None:
    """Also after the node where it was made has gone."""
    one, two = two_nodes
    key = {"X-Api-Key": API_KEY}
    async with one.http.post(
        f"{one.url}/api/v1/rooms", headers=key, json={"room_id": "made", "locked": True}
    ) as answer:
        assert answer.status == 201, await answer.text()
    assert one.serves("made")
    async with two.http.get(f"{two.url}/api/v1/rooms/made", headers=key) as answer:
        assert (await answer.json())["locked"] is True
    async with two.http.post(f"{two.url}/api/v1/rooms", headers=key, json={"room_id": "made"}) as answer:
        assert answer.status == 409
    await until(lambda: not one.nodes.tenancy.leases.claims())
    async with two.http.get(f"{two.url}/api/v1/rooms/made", headers=key) as answer:
        assert (await answer.json())["locked"] is True


async def test_nodes_share_their_secrets(redis: RedisServer, prefix: str) -> None:
    """One that is made up at the start would refuse the other nodes' tokens."""
    good = settings(redis, prefix)
    without = replace(good, token_secret="")
    with pytest.raises(NodesError, match=r"signaling\.token_secret, the same on every node"):
        await Nodes(without, "one").__aenter__()
    named = replace(without, tokens=TokenSettings(secrets=(f"a:{'x' * 32}",)))
    with pytest.raises(NodesError, match=r"signaling\.nodes\.secret, the same on every node"):
        await Nodes(named, "one").__aenter__()
    async with Nodes(replace(named, nodes=replace(good.nodes, secret="y" * 32)), "one"):
        pass


async def test_a_redis_that_is_not_there_is_told_in_words(prefix: str) -> None:
    """With what to do about it."""
    with pytest.raises(NodesError, match=r"start it, or correct signaling\.nodes\.redis_url"):
        await Nodes(settings("redis://127.0.0.1:9/0", prefix), "one").__aenter__()


async def test_an_address_that_others_cannot_reach_is_refused(redis: RedisServer, prefix: str) -> None:
    """Unless Redis is elsewhere: then it is this machine's own, on the way to it."""
    unix = settings("unix:///nowhere", prefix)
    nodes = Nodes(unix, "one")
    with pytest.raises(NodesError, match=r"set signaling\.nodes\.url"):
        await nodes.own_url("http://0.0.0.0:8080")
    assert await Nodes(settings(redis, prefix), "one").own_url("http://0.0.0.0:8080") == "http://127.0.0.1:8080"
    assert await nodes.own_url("http://192.0.2.1:80") == "http://192.0.2.1:80"
    said = settings(redis, prefix, url="http://10.0.0.5:8080/")
    assert await Nodes(said, "one").own_url("http://0.0.0.0:8080") == "http://10.0.0.5:8080"


async def test_a_node_that_ends_leaves_nothing_that_others_wait_for(redis: RedisServer, prefix: str) -> None:
    """Its rooms are free at once, and it is no node any more."""
    it = settings(redis, prefix, linger_s=60.0, lease_ms=20_000, renew_ms=2_000, fence_ms=15_000, hold_s=30.0)
    async with standing_node(it, redis, "two") as two:
        async with standing_node(it, redis, "one") as one:
            await one.join("demo", "ann")
        began = time.monotonic()
        await two.join("demo", "ann")
        assert time.monotonic() - began < 10
        await until(lambda: len(two.nodes.known()) == 1)
