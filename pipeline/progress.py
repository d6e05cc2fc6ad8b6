"""How far a worker may commit. No I/O."""

from collections import deque

from pipeline.bus.bus import Record


class Progress:
    """Which of the records that were taken are done, by partition. Bounded by what the worker takes at once."""

    def __init__(self) -> None:
        self._taken: dict[int, deque[Record]] = {}
        self._done: dict[int, set[int]] = {}
        self._newest: dict[int, int] = {}

    @property
    def partitions(self) -> frozenset[int]:
        """Those of which something was taken."""
        return frozenset(self._newest)

    def seen(self, record: Record) -> bool:
        """Whether a record, or one behind it, was taken before: it is being delivered again."""
        return record.offset <= self._newest.get(record.partition, -1)

    def take(self, record: Record) -> None:
        """Note a record that must be done before anything behind it is committed."""
        self._taken.setdefault(record.partition, deque()).append(record)
        self._newest[record.partition] = record.offset

    def done(self, record: Record) -> Record | None:
        """Note that a record is done. Returns the newest up to which all are, if that is news."""
        taken = self._taken.get(record.partition, deque())
        done = self._done.setdefault(record.partition, set())
        done.add(record.offset)
        newest = None
        while taken and taken[0].offset in done:
            newest = taken.popleft()
            done.remove(newest.offset)
        if not taken:
            done.clear()
        return newest

    def forget(self, partition: int) -> None:
        """Drop a partition that has become another worker's, or begins again."""
        for state in (self._taken, self._done, self._newest):
            state.pop(partition, None)
