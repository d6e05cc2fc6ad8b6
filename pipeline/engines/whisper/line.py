"""The line: windows of all speakers that wait for the model, and who goes with the next batch. Pure."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

Job = TypeVar("Job")


class Rank(IntEnum):
    """Who goes first: what ends an utterance, what is shown meanwhile, what may come to nothing."""

    FINAL = 0
    INTERIM = 1
    SPECULATION = 2


@dataclass(eq=False)
class Place(Generic[Job]):
    """One window in the line."""

    job: Job
    rank: Rank
    # Whose utterance it is.
    owner: Hashable
    # When it came, in seconds of the clock that `Line` is asked by; places of one rank go in this order.
    since: float


class Line(Generic[Job]):
    """Holds at most one interim window of an owner: a newer window of the same owner, of any rank, makes it stale."""

    def __init__(self, *, fits: Callable[[Job, Job], bool], wait_s: float) -> None:
        """`fits(first, other)`: whether another job can be in the batch of the first. `wait_s`: see `due`."""
        self._fits = fits
        self._wait_s = wait_s
        self._places: list[Place[Job]] = []

    def __len__(self) -> int:
        return len(self._places)

    def join(self, place: Place[Job]) -> list[Place[Job]]:
        """Put a window at its place. Returns those that became stale by it; an interim one takes their place."""
        stale = [other for other in self._places if other.owner == place.owner and other.rank == Rank.INTERIM]
        self._places = [other for other in self._places if other not in stale]
        if place.rank == Rank.INTERIM:
            place.since = min([place.since, *(other.since for other in stale)])
        self._places.append(place)
        return stale

    def leave(self, place: Place[Job]) -> None:
        """Take a window out that nobody waits for any more; harmless if it is not there."""
        if place in self._places:
            self._places.remove(place)

    def due(self, most: int) -> float | None:
        """Say when the next batch is to begin: once it is full, or its first window came `wait_s` ago; None: never."""
        if not self._places:
            return None
        first = min(place.since for place in self._places)
        return first if len(self._batch(most)) >= most else first + self._wait_s

    def take(self, most: int) -> list[Place[Job]]:
        """Take out the next batch, at most so many: the first in the line, and others that fit it, in their order."""
        batch = self._batch(most)
        for place in batch:
            self._places.remove(place)
        return batch

    def _batch(self, most: int) -> list[Place[Job]]:
        order = sorted(self._places, key=lambda place: (place.rank, place.since))
        return [place for place in order if self._fits(order[0].job, place.job)][:most]
