"""A node as the others know it, and which of them a new room goes to."""

from signaling.nodes.node import Node, Owner, least_loaded


def node(name: str, people: int = 0, rooms: int = 0, *, draining: bool = False) -> Node:
    return Node(node_id=name, url=f"http://{name}", people=people, rooms=rooms, draining=draining)


def test_a_lease_says_whose_it_is() -> None:
    """Generation, node and address."""
    owner = Owner("17 node-a-0-1f http://10.0.0.5:8080")
    assert (owner.generation, owner.node_id, owner.url) == (17, "node-a-0-1f", "http://10.0.0.5:8080")


def test_a_new_room_goes_to_the_least_loaded() -> None:
    """People and rooms count, those sent there since it told of itself as well; who drains is passed over."""
    nodes = [node("a", 5, 2), node("b", 3, 1), node("c", 0, 0, draining=True)]
    found = least_loaded(nodes, "a", {})
    assert found is not None
    assert found.node_id == "b"
    found = least_loaded(nodes, "a", {"b": 4})
    assert found is not None
    assert found.node_id == "a"


def test_among_equals_oneself_is_nearest() -> None:
    """Nothing has to be passed on then; otherwise all nodes choose the same one."""
    nodes = [node("a"), node("b"), node("c")]
    assert [getattr(least_loaded(nodes, own, {}), "node_id", None) for own in ("b", "x", "y")] == ["b", "a", "a"]


def test_where_all_drain_there_is_none() -> None:
    """Nor where nobody is known."""
    assert least_loaded([node("a", draining=True)], "a", {}) is None
    assert least_loaded([], "a", {}) is None
