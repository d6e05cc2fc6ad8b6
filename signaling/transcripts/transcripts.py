"""Transcripts of the rooms that keep them: from their start to their end, on disk or in memory, and given out."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from signaling.background import running
from signaling.captions.caption import Text
from signaling.captions.feed import CaptionFeed
from signaling.hosting.lifecycle import Lifecycle, LifecycleEvent
from signaling.hosting.room_state import RoomState
from signaling.hosting.room_states import RoomStates
from signaling.transcripts.entry import said
from signaling.transcripts.errors import NoTranscriptError
from signaling.transcripts.forms import Form, render
from signaling.transcripts.open_session import OpenSession
from signaling.transcripts.session import Session
from signaling.transcripts.settings import TranscriptSettings
from signaling.transcripts.shelf import Kept, Shelf

OPEN = Gauge("parley_transcripts_open", "Transcripts to which something may still be added")
TEXTS = Counter("parley_transcripts_texts_total", "Texts for transcripts, and what became of them", ["outcome"])
EXPIRED = Counter("parley_transcripts_expired_total", "Transcripts that were deleted because of their age")

_DAY_MS = 24 * 3_600_000
# Seconds between two looks for transcripts that are too old.
_LOOK_S = 3_600.0
# A first clause may have begun to be said this long before its room was noticed to have started.
_SLACK_MS = 2_000

_log = structlog.get_logger(__name__)


class Transcripts:
    """Keeps what is said in rooms whose state says so. Use `async with transcripts.open()` while the door is open."""

    def __init__(
        self,
        settings: TranscriptSettings,
        *,
        feed: CaptionFeed,
        states: RoomStates,
        lifecycle: Lifecycle,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._settings = settings
        self._feed = feed
        self._states = states
        self._lifecycle = lifecycle
        self._now_ms = now_ms
        # None: nothing is written.
        self._shelf = Shelf(Path(settings.folder).expanduser()) if settings.folder else None
        # Rooms in which there is somebody.
        self._started: set[str] = set()
        # Of those, the ones that are kept now -> since when (epoch milliseconds).
        self._kept_since: dict[str, int] = {}
        # Sessions that are not closed, oldest first: the last one of a room may be going on.
        self._open: dict[str, list[OpenSession]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep transcripts while the block runs; leaving writes what is open."""
        self._feed.keeper = self._take
        unwatch = [self._lifecycle.watch(self._happened), self._states.watch(self._changed)]
        try:
            async with running(self._delete_old(), name="transcripts-retention"):
                yield
        finally:
            for each in unwatch:
                each()
            for room_id in list(self._kept_since):
                self._end(room_id)
            for session in [session for sessions in self._open.values() for session in sessions]:
                self._close_soon(session)
            if self._closing:
                await asyncio.wait(set(self._closing))

    # What is given out.

    async def rooms(self) -> list[str]:
        """Name the rooms of which anything is kept, in the order of their ids."""
        on_disk = [] if self._shelf is None else await asyncio.to_thread(self._shelf.rooms)
        here = [room_id for room_id, sessions in self._open.items() if any(len(each.session) for each in sessions)]
        return sorted({*on_disk, *here})

    async def languages(self, room_id: str) -> frozenset[str]:
        """Give the languages in which there is anything of a room.

        Raises:
            NoTranscriptError: nothing is kept of it.
        """
        sessions = await self._sessions(room_id)
        return frozenset[str]().union(*(session.languages for session in sessions))

    async def render(self, room_id: str, language: str | None, form: Form) -> str:
        """Write all that is kept of a room, its sessions one after the other.

        Clauses that there are not in `language` (normalised) are as they were spoken; all are, for None.

        Raises:
            NoTranscriptError: nothing is kept of the room, or nothing of it is in this language.
        """
        sessions = await self._sessions(room_id)
        if language is not None and not any(session.has(language) for session in sessions):
            raise NoTranscriptError(room_id, language)
        return await asyncio.to_thread(render, sessions, language, form)

    async def delete(self, room_id: str) -> None:
        """Delete all that is kept of a room. What is said in it from now on is kept as before, if it is.

        Raises:
            NoTranscriptError: nothing is kept of it.
        """
        sessions = self._open.pop(room_id, [])
        if room_id in self._kept_since:
            self._kept_since[room_id] = self._now_ms() + _SLACK_MS  # exactly from now on
        count = sum(bool(len(each.session)) for each in sessions)
        for each in sessions:
            OPEN.dec()
            await each.abandon()
        self._follow(room_id)
        if self._shelf is not None:
            count += await asyncio.to_thread(self._delete_files, room_id, self._kept_since.get(room_id))
        if not count:
            raise NoTranscriptError(room_id)
        _log.info("transcript_deleted", room_id=room_id)

    async def _sessions(self, room_id: str) -> list[Session]:
        """Give what is kept of a room, oldest first: copies, which nobody changes."""
        here = [each.session.copy() for each in self._open.get(room_id, ())]
        on_disk: list[Session] = []
        if self._shelf is not None:
            on_disk = await asyncio.to_thread(self._read, room_id, {session.started_at_ms for session in here})
        sessions = [session for session in (*on_disk, *here) if len(session)]
        if not sessions:
            raise NoTranscriptError(room_id)
        return sorted(sessions, key=lambda session: session.started_at_ms)

    def _read(self, room_id: str, but: set[int]) -> list[Session]:
        if self._shelf is None:
            return []
        files = (kept for kept in self._shelf.of(room_id) if kept.started_at_ms not in but)
        sessions = (self._shelf.read(kept, most_texts=self._settings.most_texts) for kept in files)
        return [session for session in sessions if session is not None]

    def _delete_files(self, room_id: str, but: int | None) -> int:
        """Delete a room's files; what began at `but` has begun since."""
        if self._shelf is None:
            return 0
        return self._shelf.delete([kept for kept in self._shelf.of(room_id) if kept.started_at_ms != but])

    # What is kept.

    def _happened(self, event: LifecycleEvent) -> None:
        if event.kind == "room_started":
            self._started.add(event.room_id)
            if self._states.of(event.room_id).keep_transcript:
                self._begin(event.room_id, self._now_ms())
        elif event.kind == "room_ended":
            self._started.discard(event.room_id)
            self._end(event.room_id)
            self._feed.end(event.room_id)

    def _changed(self, old: RoomState, new: RoomState) -> None:
        if old.keep_transcript == new.keep_transcript:
            return
        if new.keep_transcript and new.room_id in self._started:
            self._begin(new.room_id, self._now_ms() + _SLACK_MS)  # exactly from now on
        elif not new.keep_transcript:
            self._end(new.room_id)

    def _begin(self, room_id: str, since_ms: int) -> None:
        self._kept_since.setdefault(room_id, since_ms)
        self._follow(room_id)

    def _end(self, room_id: str) -> None:
        """Let a room's transcript be complete, but for what comes late."""
        since = self._kept_since.pop(room_id, None)
        if since is None:
            return
        sessions = self._open.get(room_id, [])
        if sessions and sessions[-1].session.started_at_ms == since:
            session = sessions[-1]
            session.end(self._now_ms())
            loop = asyncio.get_running_loop()
            session.timer = loop.call_later(self._settings.linger_s, self._close_soon, session)
            _log.info("transcript_ready", room_id=room_id, texts=len(session.session))
            self._lifecycle.emit("transcript_ready", room_id)
        self._follow(room_id)

    def _take(self, text: Text, name: str | None) -> None:
        """Keep a text in the session in which it was said."""
        entry = said(text, name)
        if entry is None:
            return
        open_session = self._session_at(text.room_id, entry.ended_at_ms)
        if open_session is None:
            TEXTS.labels("of_no_session").inc()
            return
        is_news = open_session.take(entry)
        TEXTS.labels("kept" if is_news else "full" if open_session.session.is_full else "known").inc()

    def _session_at(self, room_id: str, at_ms: int) -> OpenSession | None:
        sessions = self._open.get(room_id, [])
        since = self._kept_since.get(room_id)
        if since is not None and at_ms >= since - _SLACK_MS:
            if not sessions or sessions[-1].session.started_at_ms != since:
                session = Session(room_id, since, most_texts=self._settings.most_texts)
                sessions.append(OpenSession(session, self._shelf, self._settings))
                self._open[room_id] = sessions
                OPEN.inc()
            return sessions[-1]
        return next((each for each in reversed(sessions) if _covers(each.session, at_ms)), None)

    def _follow(self, room_id: str) -> None:
        is_kept = room_id in self._kept_since
        self._feed.keep(room_id, kept=is_kept, followed=is_kept or bool(self._open.get(room_id)))

    def _close_soon(self, session: OpenSession) -> None:
        """Let nothing more be added to a session; what is on disk of it stays."""
        room_id = session.session.room_id
        sessions = [each for each in self._open.pop(room_id, []) if each is not session]
        if sessions:
            self._open[room_id] = sessions
        OPEN.dec()
        self._follow(room_id)
        task = asyncio.get_running_loop().create_task(session.close(), name="transcript-close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _delete_old(self) -> None:
        while self._shelf is not None and self._settings.retention_days:
            try:
                await asyncio.to_thread(self._delete_older, self._shelf, self._open_files())
            except Exception:  # nobody awaits this task, and a disk that is back in an hour is looked at then
                _log.exception("transcripts_retention_failed")
            await asyncio.sleep(_LOOK_S)

    def _open_files(self) -> set[tuple[str, int]]:
        return {(room_id, each.session.started_at_ms) for room_id, sessions in self._open.items() for each in sessions}

    def _delete_older(self, shelf: Shelf, but: set[tuple[str, int]]) -> None:
        oldest_ms = self._now_ms() - int(self._settings.retention_days * _DAY_MS)

        def is_due(kept: Kept) -> bool:
            return kept.changed_at_ms < oldest_ms and (kept.room_id, kept.started_at_ms) not in but

        count = shelf.delete([kept for kept in shelf.all() if is_due(kept)])
        if count:
            EXPIRED.inc(count)
            _log.info("transcripts_expired", count=count)


def _covers(session: Session, at_ms: int) -> bool:
    """Whether something was said in a session that has ended."""
    return session.started_at_ms - _SLACK_MS <= at_ms <= (session.ended_at_ms or at_ms)
