"""What was published to one partition lately."""

from pipeline.bus.bus import Record


class PartitionLog:
    """Keeps the newest `size` records of a partition; when full, the oldest goes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._records: dict[int, Record] = {}
        # Offset of the oldest record that is still here, and of the next that will be.
        self.first = 0
        self.next = 0

    def append(self, record: Record) -> Record | None:
        """Keep a record, whose offset is `next`. Returns the one that had to go for it, if any."""
        self._records[self.next] = record
        self.next += 1
        if len(self._records) <= self._size:
            return None
        oldest = self._records.pop(self.first)
        self.first += 1
        return oldest

    def at(self, offset: int) -> Record:
        """Give the record at an offset from `first` on and before `next`."""
        return self._records[offset]
