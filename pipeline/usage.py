"""What engines did: seconds of sound, and characters; by room in the log, by engine and languages in metrics."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from pipeline.clock import NowMs, now_ms
from pipeline.messages.worker_status import Stage

SECONDS = Counter(
    "parley_usage_seconds",
    "Seconds of sound that an engine heard, or gave.",
    ["stage", "engine", "source", "target"],
)
CHARACTERS = Counter(
    "parley_usage_characters",
    "Characters that an engine translated, or spoke.",
    ["stage", "engine", "source", "target"],
)

ROWS = 2_000
"""Sums that are kept at once; beyond it the one that was added to longest ago is written early."""
QUIET_MS = 60_000
"""A sum is written when nothing was added to it for so long, ..."""
LONGEST_MS = 600_000
"""... and at the latest when it is this old."""

_log = structlog.get_logger(__name__)


class Doing(NamedTuple):
    """Who did what. `source` is empty at synthesis, `target` at recognition."""

    stage: Stage
    engine: str
    source: str
    target: str


@dataclass
class _Sum:
    since_ms: int
    last_ms: int
    clauses: int = 0
    seconds: float = 0.0
    characters: int = 0


class Usage:
    """Adds up. A room's sums are log lines `room_usage`, several in the course of a long call: they are to be added."""

    def __init__(self, now_ms: NowMs = now_ms) -> None:
        self._now_ms = now_ms
        # The one that was added to longest ago comes first.
        self._sums: OrderedDict[tuple[str, Doing], _Sum] = OrderedDict()

    def add(self, room_id: str, doing: Doing, *, seconds: float = 0.0, characters: int = 0) -> None:
        """Count a clause: sound that was heard or given, text that was translated or spoken."""
        SECONDS.labels(*doing).inc(seconds)
        CHARACTERS.labels(*doing).inc(characters)
        now = self._now_ms()
        counted = self._sums.setdefault((room_id, doing), _Sum(now, now))
        self._sums.move_to_end((room_id, doing))
        counted.last_ms = now
        counted.clauses += 1
        counted.seconds += seconds
        counted.characters += characters
        if len(self._sums) > ROWS:
            self._write(next(iter(self._sums)))

    def tick(self) -> None:
        """Write what is due."""
        now = self._now_ms()
        due = [
            key
            for key, each in self._sums.items()
            if now - each.last_ms >= QUIET_MS or now - each.since_ms >= LONGEST_MS
        ]
        for key in due:
            self._write(key)

    def close(self) -> None:
        """Write everything. Idempotent."""
        for key in list(self._sums):
            self._write(key)

    def _write(self, key: tuple[str, Doing]) -> None:
        (room_id, doing), counted = key, self._sums.pop(key)
        _log.info(
            "room_usage",
            room_id=room_id,
            stage=doing.stage,
            engine=doing.engine,
            pair=f"{doing.source}>{doing.target}",
            clauses=counted.clauses,
            seconds=round(counted.seconds, 2),
            characters=counted.characters,
        )
