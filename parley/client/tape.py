"""The last of what came in, for any number of readers."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Tape(Generic[Item]):
    """Keeps the last `size` items. Each reader begins with the oldest and goes at its own pace.

    When it is full the oldest item goes: a reader that had not come to it skips it (`Reading.skipped`). Nobody waits
    for a reader.
    """

    def __init__(self, size: int) -> None:
        self._kept: deque[Item] = deque(maxlen=size)
        # Of all items there ever were; the oldest that is kept has the number `_count - len(_kept)`.
        self._count = 0
        self._news = asyncio.Event()
        self._ended = False
        self._error: BaseException | None = None

    def put(self, item: Item) -> None:
        """Add an item. Never blocks; does nothing after the end."""
        if self._ended:
            return
        self._kept.append(item)
        self._count += 1
        self._tell()

    def end(self, error: BaseException | None = None) -> None:
        """Add nothing more: readers that have come to the end stop, or raise the error. Idempotent."""
        if not self._ended:
            self._ended, self._error = True, error
            self._tell()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended

    @property
    def error(self) -> BaseException | None:
        """What it ended with; None if with nothing, or not yet."""
        return self._error

    def read(self, *, from_now: bool = False) -> "Reading[Item]":
        """Read from the oldest item that is kept, or only what comes from now on."""
        return Reading(self, self._count if from_now else self._oldest)

    @property
    def count(self) -> int:
        """How many items there were so far."""
        return self._count

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    @property
    def _oldest(self) -> int:
        return self._count - len(self._kept)


class Reading(Generic[Item]):
    """One reader's place on a tape; an asynchronous iterator. Cancelling costs nothing."""

    def __init__(self, tape: Tape[Item], at: int) -> None:
        self._tape = tape
        self._at = at
        # Items that went before they were read.
        self.skipped = 0

    def __aiter__(self) -> "Reading[Item]":
        return self

    async def __anext__(self) -> Item:
        """Give the next item, once there is one.

        Raises:
            StopAsyncIteration: the tape has ended.
            ClientError: it ended with this error.
        """
        tape = self._tape
        while self._at == tape._count:
            if tape._ended:
                if tape._error is not None:
                    raise tape._error
                raise StopAsyncIteration
            await tape._news.wait()
        missed = max(0, tape._oldest - self._at)
        self.skipped += missed
        self._at += missed + 1
        return tape._kept[self._at - 1 - tape._oldest]
