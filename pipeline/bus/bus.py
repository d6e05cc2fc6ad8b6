"""The bus: where messages travel between the node and the workers.

BusError
  - BusClosedError: it was closed here
  - BusDownError: it does not answer now, and will again; may be tried again
  - BusUnavailableError: it could not be reached, or would not let us in, when it was opened
  - TopicsError: it has not the topics that it should have
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from pipeline.messages.base import Message


class BusError(Exception):
    """Something about the bus went wrong."""


class BusClosedError(BusError):
    """The bus is closed; nothing more can be published or read."""


class BusDownError(BusError):
    """The bus does not answer now. What was published may still have arrived; it works again by itself."""


class BusUnavailableError(BusError):
    """The bus could not be opened. As text: one line that says what is wrong and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}"


class TopicsError(BusError):
    """Topics are missing on the broker, or have another number of partitions. As text: which, and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return (
            f"{', '.join(self.problems)}; `parley topics check` says more, `parley topics create` makes what is missing"
        )


Wants = Callable[[str], bool]
"""Whether a subscriber wants the records of a key. Called in the event loop, for every record: it must be quick."""


class Record(NamedTuple):
    """A message and where it stands. Records of one partition are ordered by offset."""

    topic: str
    key: str
    message: Message
    headers: Mapping[str, str]
    partition: int
    offset: int
    # The message as it was on the wire; None where it never was bytes, as on the memory bus.
    value: bytes | None = None
    # When it was published, in epoch milliseconds.
    timestamp_ms: int = 0


class Subscription(Protocol):
    """Everything published on some topics since it was opened, to every subscriber; of a compacted topic the newest of
    each key first.

    Ordered per key. A subscriber that falls behind loses the oldest records, counted in `dropped`, never the order.
    What cannot be read is left out, counted. While the broker is away nothing comes; then it goes on where it was.
    One reader at a time. Iteration ends when the bus closes.
    """

    @property
    def dropped(self) -> int:
        """How many records it has lost so far."""
        ...

    def __aiter__(self) -> AsyncIterator[Record]: ...


class Work(Protocol):
    """One member's share of a topic within a group: each record reaches one member.

    At least once: what was not committed is delivered again, to whoever has the partition next. Ordered per key.
    Loses nothing while the topic's retention lasts. What cannot be read comes as an `Unreadable`.
    While the broker is away nothing comes; then it goes on. One reader at a time. Iteration ends when the bus closes.
    """

    @property
    def partitions(self) -> frozenset[int]:
        """The partitions that are this member's now: they change when members come and go."""
        ...

    @property
    def behind(self) -> int:
        """How many records of these partitions were published and not yet given out, as far as is known."""
        ...

    def __aiter__(self) -> AsyncIterator[Record]: ...

    def pause(self, partition: int) -> None:
        """Give nothing more of a partition until `resume`: its reader has enough of it. Harmless if it has gone."""

    def resume(self, partition: int) -> None:
        """Go on with a partition. Harmless if it was not paused."""

    async def commit(self, record: Record) -> None:
        """Say that this record, and all before it in its partition, need not be delivered again.

        Cheap: called for almost every record. Behind an earlier commit, or of a partition that has become another
        member's, it changes nothing.
        """


class Bus(Protocol):
    """Publishes and delivers. An implementation is an async context manager; closing it twice is harmless."""

    @property
    def up(self) -> bool:
        """Whether the bus answers now, as far as is known: a broker that hangs is noticed within a few seconds."""
        ...

    async def publish(self, message: Message) -> None:
        """Put a message on its topic, under its key. Returns when the bus has taken responsibility for it.

        May wait: in memory while a group's queue is full, with a broker up to 1 s for its answer. So the media path
        never calls it (see `media_server.ingest`).

        Raises:
            BusClosedError: the bus is closed.
            BusDownError: the broker does not answer. The message may still arrive, and twice if it is tried again.
        """

    def subscribe(
        self, *topics: str, group: str = "", wants: Wants | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        """Get everything published on these topics from now on; of compacted ones, the newest of each key first.

        Records whose key is not wanted are dropped before they are decoded. `group` only labels metrics.
        """
        ...

    def work(self, topic: str, group: str, *, member: str = "") -> AbstractAsyncContextManager[Work]:
        """Join a group that shares out a topic, from the group's last commit on (from the oldest record if none).

        `member` names this member of the group across restarts: if it comes again within a few seconds, it gets the
        partitions that it had, and the others notice nothing. No two may have the same name at once.
        """
        ...

    def history(
        self, topic: str, *, partition: int | None = None, since_ms: int | None = None
    ) -> AsyncIterator[Record]:
        """Give what is kept on a topic now, or on one of its partitions, oldest first within a partition; then end.

        With `since_ms`, only what was published at that time (epoch milliseconds) or later. What is published
        meanwhile is not given. What cannot be read comes as an `Unreadable`.

        Raises:
            BusClosedError: the bus is closed.
            BusDownError: the broker does not answer.
        """
        ...

    async def delete_before(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Delete, for each partition named, the records before an offset. They are gone for everyone.

        Raises:
            BusClosedError: the bus is closed.
            BusDownError: the broker does not answer.
        """
