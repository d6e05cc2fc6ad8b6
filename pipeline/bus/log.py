"""What was published to one partition lately."""

from pipeline.bus.bus import Record


class PartitionLog:
    """Keeps the newest `size` records of a partition; when full, the oldest goes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._records: dict[int, Record] = {}
        # When each was published.
        self._times: dict[int, float] = {}
        # Offset of the oldest record that is still here, and of the next that will be.
        self.first = 0
        self.next = 0

    def append(self, record: Record, now: float = 0.0) -> Record | None:
        """Keep a record, whose offset is `next`. Returns the one that had to go for it, if any."""
        self._records[self.next] = record
        self._times[self.next] = now
        self.next += 1
        return self._drop() if len(self._records) > self._size else None

    def expire(self, before: float, done: int) -> None:
        """Drop what was published before that time, as far as every offset below `done`."""
        while self.first < min(self.next, done) and self._times[self.first] < before:
            self._drop()

    def drop_before(self, offset: int) -> None:
        """Drop what is before an offset, as far as it is here."""
        while self.first < min(self.next, offset):
            self._drop()

    def _drop(self) -> Record:
        oldest = self._records.pop(self.first)
        del self._times[self.first]
        self.first += 1
        return oldest

    def at(self, offset: int) -> Record:
        """Give the record at an offset from `first` on and before `next`."""
        return self._records[offset]
