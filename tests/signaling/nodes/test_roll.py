"""What no node knows alone."""

import asyncio
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from signaling.nodes.errors import RedisDownError
from tests.signaling.nodes.conftest import TwoNodes
from tests.signaling.nodes.standing import API_KEY, StandingNode, cut_off
from tests.support.until import until

KEY = {"X-Api-Key": API_KEY}


async def make(node: StandingNode, room_id: str, **what: object) -> None:
    async with node.http.post(f"{node.url}/api/v1/rooms", headers=KEY, json={"room_id": room_id, **what}) as answer:
        assert answer.status == 201, await answer.text()


async def rooms(node: StandingNode, **query: str) -> dict[str, object]:
    async with node.http.get(f"{node.url}/api/v1/rooms", headers=KEY, params=query) as answer:
        assert answer.status == 200, await answer.text()
        told: dict[str, object] = await answer.json()
        return told


def named(told: dict[str, object]) -> list[tuple[str, int]]:
    listed = told["rooms"]
    assert isinstance(listed, list)
    return [(room["room_id"], room["participants"]) for room in listed]


async def test_each_node_lists_the_rooms_of_all(two_nodes: TwoNodes) -> None:
    """With who is in them; those that no node has any more, too, and none that has ended. Page by page."""
    one, two = two_nodes
    for room_id in ("b-made", "d-made", "e-ended"):
        await make(one, room_id)
    async with one.http.delete(f"{one.url}/api/v1/rooms/e-ended", headers=KEY) as answer:
        assert answer.status == 204
    await until(lambda: not one.nodes.tenancy.leases.claims())
    ann, ben = await one.join("a-live", "ann"), await two.join("c-live", "ben")
    await until(lambda: one.serves("a-live") != two.serves("a-live") and one.serves("c-live") != two.serves("c-live"))
    everything = [("a-live", 1), ("b-made", 0), ("c-live", 1), ("d-made", 0)]
    for node in two_nodes:
        told = await rooms(node)
        assert (named(told), told["next"], told["unreachable"]) == (everything, None, [])
        first = await rooms(node, limit="3")
        assert (named(first), first["next"]) == (everything[:3], "c-live")
        second = await rooms(node, limit="3", after="c-live")
        assert (named(second), second["next"]) == (everything[3:], None)
    await asyncio.gather(ann.send("leave"), ben.send("leave"))


async def test_a_node_that_does_not_answer_is_named(two_nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the others have is listed all the same."""
    one, two = two_nodes
    await make(one, "made")
    known = [replace(node, url="http://127.0.0.1:9") for node in one.nodes.known()]
    monkeypatch.setattr(one.nodes.roll, "_tenancy", SimpleNamespace(nodes=known))
    told = await rooms(one)
    assert (named(told), told["unreachable"]) == ([("made", 0)], [two.node_id])


async def test_without_redis_nobody_knows_them_all(two_nodes: TwoNodes) -> None:
    """That is said, rather than half of them told as all."""
    one, _ = two_nodes
    with cut_off(one), pytest.raises(RedisDownError):
        await one.nodes.roll.kept("", 10)
    with cut_off(one):
        async with one.http.get(f"{one.url}/api/v1/rooms", headers=KEY) as answer:
            assert answer.status == 503


async def test_only_a_node_is_told_of_one_node_alone(two_nodes: TwoNodes) -> None:
    """A header that no node made opens nothing."""
    one, _ = two_nodes
    forged = {"X-Parley-Node": "two;1.0;;" + "0" * 64}
    async with one.http.get(f"{one.url}/api/v1/rooms", headers=forged) as answer:
        assert answer.status == 401
    async with one.http.get(f"{one.url}/api/v1/nodes", headers=KEY) as answer:
        told = await answer.json()
    assert {node["node_id"] for node in told["nodes"]} == {node.node_id for node in two_nodes}


async def test_what_is_passed_on_for_a_guest_rules_nothing(two_nodes: TwoNodes) -> None:
    """The header by which a node passes a request on is no key to what the guest asks for."""
    one, two = two_nodes
    await make(one, "made")
    guest = {"Authorization": f"Bearer {two.door.tokens.issue('made', 'gus')}"}
    async with two.http.patch(f"{two.url}/api/v1/rooms/made", headers=guest, json={"locked": True}) as answer:
        assert answer.status == 403
    async with one.http.get(f"{one.url}/api/v1/rooms/made", headers=KEY) as answer:
        assert (await answer.json())["locked"] is False
