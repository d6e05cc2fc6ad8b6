"""A node as the others know it."""

import msgspec


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What one running node tells of itself once in a `renew_ms`."""

    # Its name, and something that no earlier process of that name had.
    node_id: str
    # Where other nodes reach it.
    url: str
    # How many are in its rooms, and how many rooms it has.
    people: int = 0
    rooms: int = 0
    # It takes no new rooms.
    draining: bool = False


class Owner(msgspec.Struct, frozen=True):
    """Who has a room, as its lease says."""

    value: str

    @property
    def generation(self) -> int:
        """The fencing token: greater for every later claim of the room."""
        return int(self.value.split(" ")[0])

    @property
    def node_id(self) -> str:
        """Which process."""
        return self.value.split(" ")[1]

    @property
    def url(self) -> str:
        """Where other nodes reach it."""
        return self.value.split(" ", 2)[2]


def least_loaded(nodes: "list[Node]", own_id: str, extra: "dict[str, int]") -> Node | None:
    """Choose the node for a new room: the one with the fewest people and rooms, oneself where they are equal.

    Args:
        nodes: all that were heard of lately; those that drain are passed over.
        own_id: the one that chooses.
        extra: rooms that were sent to a node since it told of itself, by its id.

    Returns:
        None if all of them drain.
    """

    def load(node: Node) -> tuple[int, bool, str]:
        return node.people + node.rooms + extra.get(node.node_id, 0), node.node_id != own_id, node.node_id

    return min((node for node in nodes if not node.draining), key=load, default=None)
