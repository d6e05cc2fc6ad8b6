"""How many of something there are for each of those who have it, and for all together."""

from collections import Counter
from collections.abc import Hashable


class Headcount:
    """Counts up to `most` for each key and `most_in_all` together; what is more is refused.

    A key that has nothing any more is forgotten, so that there are never more keys than things counted.
    """

    def __init__(self, most: int, most_in_all: int | None = None) -> None:
        self._most = most
        self._most_in_all = most_in_all
        self._counts: Counter[Hashable] = Counter()
        # Of all keys, and of those that have none.
        self.in_all = 0

    def enter(self, key: Hashable | None) -> bool:
        """Count one more. False, counting nothing, if that is too many; without a key only the sum is bounded."""
        if self._most_in_all is not None and self.in_all >= self._most_in_all:
            return False
        if key is not None:
            if self._counts[key] >= self._most:
                return False
            self._counts[key] += 1
        self.in_all += 1
        return True

    def leave(self, key: Hashable | None) -> None:
        """Count one less: what `enter` has counted, once."""
        self.in_all -= 1
        if key is not None:
            self._counts[key] -= 1
            if self._counts[key] <= 0:
                del self._counts[key]

    def of(self, key: Hashable) -> int:
        """Say how many this one has."""
        return self._counts.get(key, 0)

    def __len__(self) -> int:
        return len(self._counts)
