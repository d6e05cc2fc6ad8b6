"""Operations on the nodes of this server."""

import msgspec

from signaling.nodes.node import Node
from signaling.rest.operation import Answer, Call, Operation
from signaling.rest.values import Nothing


class NodeList(msgspec.Struct, frozen=True):
    """The nodes heard of within the last seconds, by their ids."""

    nodes: list[Node]


async def list_nodes(call: Call[Nothing, Nothing, None]) -> NodeList:
    nodes = call.door.nodes
    return NodeList([] if nodes is None else nodes.known())


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/v1/nodes",
        name="list_nodes",
        tag="nodes",
        summary="List the nodes of this server",
        description="Each with its load as it told it within the last seconds. Empty where there is only this one.",
        does=list_nodes,
        answer=Answer(200, "The nodes", NodeList),
    ),
)
