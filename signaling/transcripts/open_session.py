"""A session to which something may still be added, and its file if it is written."""

import asyncio

import structlog

from signaling.transcripts.entry import Said
from signaling.transcripts.journal import Journal
from signaling.transcripts.session import Session
from signaling.transcripts.settings import TranscriptSettings
from signaling.transcripts.shelf import Shelf

_log = structlog.get_logger(__name__)


class OpenSession:
    """Keeps a session in memory and, with a shelf, on disk."""

    def __init__(self, session: Session, shelf: Shelf | None, settings: TranscriptSettings) -> None:
        self.session = session
        # Once the room has ended: what will close this.
        self.timer: asyncio.TimerHandle | None = None
        self._journal: Journal | None = None
        if shelf is not None:
            self._journal = Journal(shelf, session, sync_s=settings.sync_s, most_waiting=settings.most_waiting)

    def take(self, said: Said) -> bool:
        """Take a text; say whether it is news. The first one for which there is no room is told of in the log."""
        was_full = self.session.is_full
        is_news = self.session.take(said)
        if is_news and self._journal is not None:
            self._journal.add(said)
        if self.session.is_full and not was_full:
            _log.warning("transcript_full", room_id=self.session.room_id, texts=len(self.session))
        return is_news

    def end(self, at_ms: int) -> None:
        """Note that the room has ended."""
        self.session.ended_at_ms = at_ms
        if self._journal is not None:
            self._journal.end(at_ms)

    async def close(self) -> None:
        """Write what is not written. Idempotent."""
        self._forget_timer()
        if self._journal is not None:
            await self._journal.close()

    async def abandon(self) -> None:
        """Write nothing more: it is to be deleted."""
        self._forget_timer()
        if self._journal is not None:
            await self._journal.abandon()

    def _forget_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
