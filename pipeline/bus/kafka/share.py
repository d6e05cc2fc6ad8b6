"""One member's share of a Kafka topic: which partitions, how far each was taken, and how far it is done. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass
class Place:
    """How far this member is in one of its partitions. Offsets of the next record."""

    # To be delivered next: what is before it was delivered already.
    position: int = 0
    # What the group is known to have done; None before anything is known.
    committed: int | None = None
    # What this member says is done.
    done: int = 0
    # A rebalance kept the partition here; what comes next says whether somebody else had it meanwhile.
    is_kept: bool = False


class Share:
    """Keeps a member's places through rebalances.

    After a rebalance Kafka delivers a partition again from the last commit on. Where the partition stayed here and
    nobody else committed in it, what was delivered before is passed over, so that a rebalance disturbs nobody whose
    partitions stay.
    """

    def __init__(self) -> None:
        self._places: dict[int, Place] = {}

    @property
    def partitions(self) -> frozenset[int]:
        return frozenset(self._places)

    def position(self, partition: int) -> int | None:
        """Give the offset behind what was delivered last; None if nothing was, or the partition is another's."""
        place = self._places.get(partition)
        return None if place is None or place.committed is None else place.position

    def assign(self, partitions: Iterable[int]) -> None:
        """Take note of a rebalance: these are the member's now."""
        places = {partition: self._places.get(partition, Place()) for partition in partitions}
        for partition, place in places.items():
            place.is_kept = partition in self._places
        self._places = places

    def takes(self, partition: int, offset: int) -> bool:
        """Note a record that comes from Kafka. Returns whether it is to be delivered."""
        place = self._places.get(partition)
        if place is None:
            return False
        if place.is_kept and place.committed is not None and place.committed < offset != place.position:
            # Somebody else committed, or retention took what was next: from here on, again if need be.
            place.position = place.committed = offset
        place.is_kept = False
        if offset < place.position:
            return False
        place.position = offset + 1
        if place.committed is None:
            place.committed = place.done = offset
        return True

    def note_done(self, partition: int, offset: int) -> None:
        """Note that a record, and all before it, are done; harmless if the partition is another's, or it was known."""
        place = self._places.get(partition)
        if place is not None:
            place.done = max(place.done, offset + 1)

    def to_commit(self) -> dict[int, int]:
        """Give the offsets that the group does not know yet, by partition."""
        return {
            partition: place.done
            for partition, place in self._places.items()
            if place.committed is not None and place.done > place.committed
        }

    def note_committed(self, offsets: Mapping[int, int]) -> None:
        """Note that the group knows these."""
        for partition, offset in offsets.items():
            place = self._places.get(partition)
            if place is not None and place.committed is not None:
                place.committed = max(place.committed, offset)
