"""The bus: where messages travel between the node and the workers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from pipeline.messages.base import Message


class BusError(Exception):
    """Something about the bus went wrong."""


class BusClosedError(BusError):
    """The bus is closed; nothing more can be published or read."""


class Record(NamedTuple):
    """A message and where it stands. Records of one partition are ordered by offset."""

    topic: str
    key: str
    message: Message
    headers: Mapping[str, str]
    partition: int
    offset: int


class Subscription(Protocol):
    """Everything published on some topics since it was opened, to every subscriber.

    Ordered per key. A subscriber that falls behind loses the oldest records, counted in `dropped`, never the order.
    One reader at a time. Iteration ends when the bus closes.
    """

    dropped: int

    def __aiter__(self) -> AsyncIterator[Record]: ...


class Work(Protocol):
    """One member's share of a topic within a group: each record reaches one member.

    At least once: what was not committed is delivered again, to whoever has the partition next. Ordered per key.
    Loses nothing while the topic's retention lasts. One reader at a time. Iteration ends when the bus closes.
    """

    @property
    def partitions(self) -> frozenset[int]:
        """The partitions that are this member's now: they change when members come and go."""
        ...

    def __aiter__(self) -> AsyncIterator[Record]: ...

    async def commit(self, record: Record) -> None:
        """Say that this record, and all before it in its partition, need not be delivered again.

        Cheap: called for almost every record. Behind an earlier commit, or of a partition that has become another
        member's, it changes nothing.
        """


class Bus(Protocol):
    """Publishes and delivers. An implementation is an async context manager; closing it twice is harmless."""

    async def publish(self, message: Message) -> None:
        """Put a message on its topic, under its key. Returns when the bus has taken responsibility for it.

        May wait while a group's queue is full, so the media path never calls it (see `media_server.ingest`).

        Raises:
            BusClosedError: the bus is closed.
        """

    def subscribe(self, *topics: str, group: str = "") -> AbstractAsyncContextManager[Subscription]:
        """Get everything published on these topics from now on. `group` only labels metrics and offsets."""
        ...

    def work(self, topic: str, group: str) -> AbstractAsyncContextManager[Work]:
        """Join a group that shares out a topic, from the group's last commit on (from the oldest record if none)."""
        ...
