"""What a member of a group has fetched and not given out yet, partition by partition. No I/O."""

from collections import deque
from collections.abc import Collection, Iterable

from pipeline.bus.bus import Record


class Queues:
    """A queue for each partition, all served in turn; those that are on hold are passed over.

    A queue with `size` records or more is full: its owner fetches no more of that partition until it is half empty.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # In the order in which they are served next.
        self._queues: dict[int, deque[Record]] = {}
        self._on_hold: set[int] = set()
        # Of these nothing more is to be fetched.
        self.full: set[int] = set()

    def __len__(self) -> int:
        """How many records wait in all."""
        return sum(map(len, self._queues.values()))

    def put(self, partition: int, records: Iterable[Record]) -> None:
        queue = self._queues.setdefault(partition, deque())
        queue.extend(records)
        if len(queue) >= self._size:
            self.full.add(partition)

    def take(self) -> Record | None:
        """Give the oldest record of the partition whose turn it is; None if nothing is to be given."""
        partition = next((one for one, queue in self._queues.items() if queue and one not in self._on_hold), None)
        if partition is None:
            return None
        queue = self._queues.pop(partition)
        record = queue.popleft()
        self._queues[partition] = queue
        if len(queue) <= self._size // 2:
            self.full.discard(partition)
        return record

    def hold(self, partition: int) -> None:
        """Give nothing of a partition until `release`."""
        self._on_hold.add(partition)

    def release(self, partition: int) -> None:
        self._on_hold.discard(partition)

    def keep_only(self, partitions: Collection[int]) -> None:
        """Drop what belongs to any other partition."""
        for partition in [one for one in self._queues if one not in partitions]:
            del self._queues[partition]
        self._on_hold &= set(partitions)
        self.full &= set(partitions)
