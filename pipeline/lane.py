"""One key's records on their way through a worker. No I/O."""

import asyncio
from collections import deque
from collections.abc import Callable

from pipeline.bus.bus import Record
from pipeline.job import Failure, Job


class Lane:
    """Holds what waits, what is in work and what is done but may not be committed yet.

    `waiting` is bounded by the worker, which stops taking records when it is full; `held` and `failures` by the length
    of an utterance.
    """

    def __init__(self, key: str, partition: int) -> None:
        self.key = key
        self.partition = partition
        self.waiting: deque[Record] = deque()
        self.current: Record | None = None
        self.job: Job | None = None
        self.task: asyncio.Task[None] | None = None
        self.held: list[Record] = []
        # By utterance, the record at which it failed for good, until nothing more of it comes.
        self.failures: dict[str | None, tuple[Record, Failure]] = {}
        # The stage has something to do for this key without a record.
        self.overdue = False
        # So much waits that its partition is paused.
        self.full = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is in work."""
        return self.task is None and not self.waiting

    def offer(self, record: Record, supersedes: Callable[[Record, Record], bool]) -> list[Record]:
        """Take a record that just came. Returns those that waited and have become pointless."""
        pointless = [old for old in self.waiting if supersedes(record, old)]
        if pointless:
            self.waiting = deque(old for old in self.waiting if old not in pointless)
        if self.job is not None and self.current is not None and supersedes(record, self.current):
            self.job.supersede()
        self.waiting.append(record)
        self.overdue = False
        return pointless

    def release(self, open_utterance: str | None) -> list[Record]:
        """Give the records that are done and may be committed: all but those of an utterance that is still open."""
        done = [record for record in self.held if not is_of(record, open_utterance)]
        self.held = [record for record in self.held if is_of(record, open_utterance)]
        return done

    def release_failures(self, open_utterance: str | None) -> list[tuple[Record, Failure]]:
        """Give the failures of utterances of which nothing more comes."""
        ended = [failed for failed in self.failures.values() if not is_of(failed[0], open_utterance)]
        self.failures = {key: failed for key, failed in self.failures.items() if is_of(failed[0], open_utterance)}
        return ended


def utterance_of(record: Record) -> str | None:
    """Name the utterance a record belongs to, if it belongs to one."""
    return getattr(record.message, "utterance_id", None)


def is_of(record: Record, utterance_id: str | None) -> bool:
    """Whether a record belongs to this utterance. Nothing belongs to None."""
    return utterance_id is not None and utterance_of(record) == utterance_id
