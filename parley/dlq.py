"""The dead letters on a bus: which there are, and taking some of them away."""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.bus.bus import Bus, Record
from pipeline.bus.topics import TOPICS
from pipeline.messages import DeadLetter

KEPT_MS = next(topic.retention_ms or 0 for topic in TOPICS if topic.name == DeadLetter.TOPIC)
"""A letter older than this is not written anew when others are purged: retention would have taken it."""

Progress = Callable[[int], None]
"""Is told how many letters were gone through so far."""


class Place(NamedTuple):
    """Where a letter stands on its topic."""

    partition: int
    offset: int


@dataclass(frozen=True)
class Filter:
    """Which letters are meant: those of which all of this is true. Empty and None: any."""

    ids: tuple[str, ...] = ()
    stage: str = ""
    room: str = ""
    error: str = ""
    # Epoch milliseconds of the first failure, from the first on and before the second.
    since_ms: int | None = None
    until_ms: int | None = None

    def matches(self, letter: DeadLetter) -> bool:
        """Whether a letter is meant."""
        return (
            (not self.ids or letter.id in self.ids)
            and self.stage in ("", letter.stage)
            and self.room in ("", letter.room_id)
            and self.error in ("", letter.error)
            and (self.since_ms is None or letter.first_failed_at_ms >= self.since_ms)
            and (self.until_ms is None or letter.first_failed_at_ms < self.until_ms)
        )


@dataclass(frozen=True)
class Entry:
    """A letter without its originals."""

    id: str
    place: Place
    stage: str
    room_id: str
    utterance_id: str
    error: str
    message: str
    attempts: int
    first_failed_at_ms: int
    worker_version: str
    original_topic: str
    original_key: str
    original_partition: int
    original_offset: int
    original_headers: dict[str, str]
    # How much it holds, as it lies there; and what would not fit.
    bytes: int
    left_out_bytes: int

    @classmethod
    def of(cls, letter: DeadLetter, place: Place) -> "Entry":
        return cls(
            id=letter.id,
            place=place,
            stage=letter.stage,
            room_id=letter.room_id,
            utterance_id=letter.utterance_id,
            error=letter.error,
            message=letter.message,
            attempts=letter.attempts,
            first_failed_at_ms=letter.first_failed_at_ms,
            worker_version=letter.worker_version,
            original_topic=letter.original_topic,
            original_key=letter.original_key,
            original_partition=letter.original_partition,
            original_offset=letter.original_offset,
            original_headers=letter.original_headers,
            bytes=sum(map(len, letter.originals)),
            left_out_bytes=letter.left_out_bytes,
        )


async def letters(bus: Bus) -> AsyncIterator[tuple[DeadLetter, Place]]:
    """Read all letters that are there now, copies included.

    Raises:
        BusError: the bus does not answer.
    """
    async for record in bus.history(DeadLetter.TOPIC):
        if isinstance(record.message, DeadLetter):
            yield record.message, Place(record.partition, record.offset)


async def entries(bus: Bus, which: Filter) -> list[Entry]:
    """List the letters that are meant, the oldest failure first. Of copies, the newest: it may hold the most."""
    found = {letter.id: Entry.of(letter, place) async for letter, place in letters(bus) if which.matches(letter)}
    return sorted(found.values(), key=lambda entry: (entry.first_failed_at_ms, entry.id))


async def purge(bus: Bus, ids: Collection[str], now_ms: int, progress: Progress = lambda _: None) -> int:
    """Take these letters away, copies included. Returns how many are written anew because they stood before one.

    Kafka deletes only from the beginning up to a place: what is to stay is published again first. Being cut off between
    the two leaves copies, which `entries` passes over, and loses nothing.

    Raises:
        BusError: the bus does not answer.
    """
    ends = await _ends(bus, ids)
    stay = 0
    for partition, end in ends.items():
        written: set[str] = set()
        async for record in bus.history(DeadLetter.TOPIC, partition=partition):
            letter = _letter_to_keep(record, ids, written, now_ms) if record.offset < end else None
            if letter is not None:
                await bus.publish(letter)
                written.add(letter.id)
                stay += 1
                progress(stay)
    if ends:
        await bus.delete_before(DeadLetter.TOPIC, ends)
    return stay


async def _ends(bus: Bus, ids: Collection[str]) -> dict[int, int]:
    """Say up to which offset each partition must go, so that none of these is left."""
    ends: dict[int, int] = {}
    async for letter, place in letters(bus):
        if letter.id in ids:
            ends[place.partition] = place.offset + 1
    return ends


def _letter_to_keep(record: Record, ids: Collection[str], written: Collection[str], now_ms: int) -> DeadLetter | None:
    letter = record.message
    if not isinstance(letter, DeadLetter) or letter.id in ids or letter.id in written:
        return None
    return letter if letter.first_failed_at_ms > now_ms - KEPT_MS else None
