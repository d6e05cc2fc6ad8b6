"""Has what was said before somebody came translated for them, through the same workers as everything else."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import structlog
from prometheus_client import Counter

from pipeline.bus.bus import Bus, BusError
from pipeline.messages import Target, Transcript, Translation

ASKED = Counter(
    "parley_captions_history_total", "Clauses that were to be translated for those who came late", ["outcome"]
)

AT_ONCE = 4
"""Rooms and languages for which something is asked at the same time: what is said now goes first at the workers."""
WAITING = 256
"""Rooms and languages that may wait for their turn; for what comes beyond, what was said is shown as it was said."""

_log = structlog.get_logger(__name__)


class Asker(NamedTuple):
    """For whom something is translated: all in a room who read a language."""

    room_id: str
    language: str


Answer = tuple[str, str, str, int]
"""Room, language, utterance and clause: what is waited for."""


class CatchUp:
    """Publishes clauses again with the purpose `history`, one at a time for each room and language.

    One that is not answered within `limit_s` ends the asking for that room and language: `give_up` is told. Clauses are
    asked for in the order given; their answers come by the bus as all Translations do, to `answered`.
    """

    def __init__(self, bus: Bus, give_up: Callable[[str, str], None], *, limit_s: float) -> None:
        self._bus = bus
        self._give_up = give_up
        self._limit_s = limit_s
        self._waiting: dict[Asker, deque[Transcript]] = {}
        self._tasks: dict[Asker, asyncio.Task[None]] = {}
        # Those that were cancelled and have not ended yet, too.
        self._all_tasks: set[asyncio.Task[None]] = set()
        self._expected: dict[Answer, asyncio.Event] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    def ask(self, room_id: str, language: str, transcripts: Sequence[Transcript]) -> None:
        """Have these translated, behind what was asked before. Never blocks."""
        if not transcripts:
            return
        asker = Asker(room_id, language)
        if asker not in self._waiting and len(self._waiting) >= WAITING:
            ASKED.labels("refused").inc(len(transcripts))
            self._give_up(room_id, language)
            return
        self._waiting.setdefault(asker, deque()).extend(transcripts)
        if asker not in self._tasks:
            task = self._tasks[asker] = asyncio.create_task(self._run(asker), name="captions-catch-up")
            self._all_tasks.add(task)
            task.add_done_callback(self._all_tasks.discard)

    def answered(self, translation: Translation) -> None:
        """Hear of a Translation that came; those that were not asked for are nothing."""
        key = (translation.room_id, translation.language, translation.utterance_id, translation.clause)
        expected = self._expected.get(key)
        if expected is not None:
            expected.set()

    def forget(self, room_id: str) -> None:
        """Ask no more for a room."""
        for asker in [asker for asker in self._tasks if asker.room_id == room_id]:
            self._tasks.pop(asker).cancel()
            del self._waiting[asker]

    async def close(self) -> None:
        """Ask no more at all. Idempotent."""
        tasks = list(self._all_tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self, asker: Asker) -> None:
        waiting = self._waiting[asker]
        try:
            async with self._turns:
                while waiting and await self._is_answered(asker, waiting[0]):
                    waiting.popleft()
        except Exception:  # nobody awaits this task: whoever waits is shown what there is
            _log.exception("captions_history_failed", room_id=asker.room_id, language=asker.language)
        finally:
            if self._waiting.get(asker) is waiting:  # and not another one's, after `forget`
                del self._waiting[asker], self._tasks[asker]
        if waiting:
            ASKED.labels("unanswered").inc(len(waiting))
            self._give_up(*asker)

    async def _is_answered(self, asker: Asker, transcript: Transcript) -> bool:
        key = (*asker, transcript.utterance_id, transcript.clause)
        answer = self._expected[key] = asyncio.Event()
        asked = msgspec.structs.replace(transcript, purpose="history", targets=(Target(asker.language, voice=False),))
        try:
            async with asyncio.timeout(self._limit_s):
                await self._bus.publish(asked)
                await answer.wait()
        except (TimeoutError, BusError) as error:
            _log.info("captions_history_unanswered", room_id=asker.room_id, error=type(error).__name__)
            return False
        finally:
            self._expected.pop(key, None)
        ASKED.labels("answered").inc()
        return True
