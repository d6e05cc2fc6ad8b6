"""One session's file, written as it comes."""

import asyncio
import contextlib
import os
from collections import deque

import structlog
from prometheus_client import Counter

from signaling.transcripts.entry import VERSION, Begun, Ended, Entry, encode
from signaling.transcripts.session import Session
from signaling.transcripts.shelf import Shelf

FAILURES = Counter("parley_transcripts_write_failures_total", "Attempts to write to a transcript that failed")
LOST = Counter("parley_transcripts_lost_total", "Texts that were not written", ["reason"])

_BATCH = 500
_RETRY_S = 5.0
_CLOSE_S = 5.0

_log = structlog.get_logger(__name__)


class Journal:
    """Appends lines behind the callers' back, each whole, in order. `add` never blocks; the disk never blocks the loop.

    What is added is handed to the system at once, and forced to the disk every `sync_s` and at the end. A disk that
    refuses is tried again; meanwhile up to `most_waiting` lines wait, and then the oldest are lost.
    """

    def __init__(self, shelf: Shelf, session: Session, *, sync_s: float, most_waiting: int) -> None:
        self._shelf = shelf
        self._session = session
        self._sync_s = sync_s
        self._most_waiting = most_waiting
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._end = asyncio.Event()
        # None until the first line is written.
        self._file: int | None = None
        self._fails = False
        self.add(Begun(version=VERSION, room_id=session.room_id, at_ms=session.started_at_ms))
        self._task = asyncio.create_task(self._run(), name="transcript-journal")

    def add(self, entry: Entry) -> None:
        """Have a line written."""
        self._waiting.append(encode(entry))
        if len(self._waiting) > self._most_waiting:
            del self._waiting[1]  # the first one may be the beginning, without which the file says nothing
            LOST.labels("full").inc()
        self._news.set()

    def end(self, at_ms: int) -> None:
        """Have it written that the room ended; more may be added."""
        self.add(Ended(at_ms=at_ms))

    async def close(self) -> None:
        """Write and sync what waits, try once if the disk refuses, and close the file. Idempotent; 5 s at most."""
        self._end.set()
        self._news.set()
        await asyncio.wait([self._task], timeout=_CLOSE_S)
        LOST.labels("closed").inc(len(self._waiting))
        self._waiting.clear()

    async def abandon(self) -> None:
        """Close the file and write nothing more: it is to be deleted."""
        self._waiting.clear()
        await self.close()

    async def _run(self) -> None:
        """Write until closed. Nobody awaits this task, so it does not fail."""
        unsynced_since: float | None = None
        clock = asyncio.get_running_loop().time
        try:
            while True:
                wrote = await self._write()
                if wrote and unsynced_since is None:
                    unsynced_since = clock()
                if self._end.is_set() and (self._fails or not self._waiting):
                    break
                if unsynced_since is not None and clock() - unsynced_since >= self._sync_s:
                    await self._sync()
                    unsynced_since = None
                await self._pause(None if unsynced_since is None else unsynced_since + self._sync_s - clock())
        finally:
            await asyncio.shield(asyncio.to_thread(self._close_file))

    async def _pause(self, limit_s: float | None) -> None:
        """Wait for something to write, or to sync; a disk that refused is left in peace for a while."""
        if self._fails:
            awaited, limit_s = self._end, _RETRY_S
        elif self._waiting:
            return
        else:
            awaited = self._news
            awaited.clear()
            if self._end.is_set():
                return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await awaited.wait()

    async def _write(self) -> bool:
        lines = [self._waiting[i] for i in range(min(_BATCH, len(self._waiting)))]
        if not lines:
            return False
        try:
            await asyncio.to_thread(self._append, b"".join(lines))
        except (OSError, ValueError) as error:
            FAILURES.inc()
            if not self._fails:
                _log.exception("transcript_not_written", room_id=self._session.room_id, error=type(error).__name__)
            self._fails = True
            return False
        self._fails = False
        for line in lines:
            if self._waiting and self._waiting[0] is line:  # it may have been dropped meanwhile
                self._waiting.popleft()
        return True

    def _append(self, lines: bytes) -> None:
        if self._file is None:
            self._file = self._shelf.new_file(self._session.room_id, self._session.started_at_ms)
        before = os.fstat(self._file).st_size
        try:
            written = 0
            while written < len(lines):
                written += os.write(self._file, lines[written:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, before)  # a line is there whole or not at all
            raise

    async def _sync(self) -> None:
        if self._file is not None:
            try:
                await asyncio.to_thread(os.fsync, self._file)
            except OSError:
                FAILURES.inc()
                _log.exception("transcript_not_synced", room_id=self._session.room_id)

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                os.fsync(file)
            os.close(file)
