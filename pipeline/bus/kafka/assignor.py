"""How a Kafka group shares its partitions out: everyone keeps what it has, as far as that is fair."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from pipeline.bus.group import share_out

_VERSION = 0


class Held(NamedTuple):
    """What a member tells of itself when it joins. Arrays in msgpack: new fields come at the end, with defaults."""

    # The partitions that it had last.
    partitions: tuple[int, ...] = ()


_held = msgspec.msgpack.Decoder(Held)


class KeepingAssignor:
    """Shares one topic out as `share_out` does. One for each member, since it remembers what the member has.

    The members' partitions stay the same when one joins or leaves, but for those that must move: aiokafka has no
    cooperative rebalance, and its own sticky assignor keeps its memory in the class, so once for a whole process.
    aiokafka's interface: `AbstractPartitionAssignor`.
    """

    name = "parley-keeping"

    def __init__(self) -> None:
        self._held = Held()

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """Give what is told to the leader of the group."""
        return ConsumerProtocolMemberMetadata(_VERSION, list(topics), msgspec.msgpack.encode(self._held))

    def assign(
        self, cluster: Any, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """As the leader: share out. `cluster` is aiokafka's ClusterMetadata."""
        topic = next(topic for metadata in members.values() for topic in metadata.subscription)
        partitions = sorted(cluster.partitions_for_topic(topic) or ())
        owners: list[str | None] = [None] * len(partitions)
        for member in sorted(members, reverse=True):
            for partition in _decode(members[member].user_data).partitions:
                if partition < len(owners):
                    owners[partition] = member
        shares: dict[str, list[int]] = {member: [] for member in members}
        for partition, owner in enumerate(share_out(owners, sorted(members))):
            if owner is not None:
                shares[owner].append(partition)
        return {
            member: ConsumerProtocolMemberAssignment(_VERSION, [(topic, share)] if share else [], b"")
            for member, share in shares.items()
        }

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Remember what this member has now."""
        self._held = Held(tuple(partition for _, partition in assignment.partitions()))


def _decode(user_data: bytes | None) -> Held:
    try:
        return _held.decode(user_data or b"")
    except msgspec.DecodeError:
        return Held()
