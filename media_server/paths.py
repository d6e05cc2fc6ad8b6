"""From whom to whom the workers can translate now, by what they say of themselves on `pipeline.status`."""

import math
from enum import StrEnum
from typing import NamedTuple

from media_server.clock import Clock
from media_server.stand_in import StandIn, stand_ins_of
from pipeline.messages import WorkerStatus
from pipeline.messages.language import AUTO, spoken

MAX_WORKERS = 256
"""Workers remembered; beyond it the one that has been silent longest is forgotten."""


FORGOTTEN_MS = 3_600_000
"""Who has not been heard of for so long when a node starts is none of its workers."""


class PathState(StrEnum):
    """Of a pair of languages: from somebody's speech to a voice in the other."""

    HEALTHY = "healthy"
    # It was healthy, but the node stops: nothing new is begun.
    ENDING = "ending"
    # There is, or was, somebody for each step, but not all of them can work now, or nothing reaches them.
    PAUSED = "paused"
    # Nobody ever said they could.
    NONE = "none"


class _Heard(NamedTuple):
    status: WorkerStatus
    # Clock's seconds; minus infinity for what was said before this node could hear it.
    at: float


class _Abilities:
    """What a set of workers can do together, by spoken language."""

    def __init__(self, statuses: list[WorkerStatus]) -> None:
        # Spoken language -> the tag under which it was announced (the shortest, if several were).
        self.recognised = _by_spoken(statuses, "recognition")
        self.voiced = _by_spoken(statuses, "synthesis")
        self.pairs = frozenset((spoken(a), spoken(b)) for status in statuses for a, b in status.pairs)

    def can(self, source: str, target: str) -> bool:
        return source in self.recognised and (source, target) in self.pairs and target in self.voiced

    def can_from(self, source: str, target: str) -> bool:
        """`can`, where the source may be `auto`: any language that is recognised."""
        return spoken(target) in self.voiced and self.can_write_from(source, target)

    def can_write_from(self, source: str, target: str) -> bool:
        """Like `can_from`, for those who read: no voice is needed."""
        sources = self.recognised if source == AUTO else (spoken(source),)
        return any(each in self.recognised and (each, spoken(target)) in self.pairs for each in sources)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Abilities) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


def _by_spoken(statuses: list[WorkerStatus], stage: str) -> dict[str, str]:
    tags = {tag for status in statuses if status.stage == stage for tag in status.languages}
    return {spoken(tag): tag for tag in sorted(tags, key=lambda tag: (-len(tag), tag))}


class Paths:
    """What can be translated now. Region and script do not count: a recogniser of `en` hears en-GB."""

    def __init__(self, clock: Clock, stale_ms: int = 6_000) -> None:
        """Take a status older than `stale_ms` for unhealthy."""
        self._clock = clock
        self._stale_ms = stale_ms
        self._workers: dict[str, _Heard] = {}
        # Whether anything that is said now reaches the workers, and theirs us.
        self._connected = True
        # What is possible now, and what was ever announced.
        self._now = _Abilities([])
        self._ever = _Abilities([])
        self._stand_ins: frozenset[StandIn] = frozenset()

    @property
    def connected(self) -> bool:
        """What was told last; see `connect`."""
        return self._connected

    def connect(self, connected: bool) -> bool:
        """Hear whether the workers can be reached at all; else everything pauses. Says whether anything changed."""
        self._connected = connected
        return self.tick()

    def update(self, status: WorkerStatus) -> bool:
        """Take a worker's word. Says whether anything is possible now that was not, or the other way round.

        The first word of a worker may have been kept by the bus since it died: its own clock tells. From then on our
        clock counts, so that a worker whose clock is wrong works all the same.
        """
        age_ms = self._clock.epoch_ms() - status.at_ms
        known = self._workers.pop(status.worker_id, None) is not None
        if known or age_ms < FORGOTTEN_MS:
            lives = known or age_ms < self._stale_ms
            self._workers[status.worker_id] = _Heard(status, self._clock.now() if lives else -math.inf)
        if len(self._workers) > MAX_WORKERS:
            del self._workers[next(iter(self._workers))]
        return self.tick()

    def tick(self) -> bool:
        """Notice who has gone silent. Says whether anything changed."""
        oldest = self._clock.now() - self._stale_ms / 1_000
        heard = [status for status, at in self._workers.values() if at >= oldest]
        now = _Abilities([status for status in heard if status.healthy] if self._connected else [])
        ever = _Abilities([status for status, _ in self._workers.values()])
        # Whose words come to which worker is not known here, so one that has to make do is enough. While nobody is
        # heard, nobody is known to have recovered either.
        stand_ins = frozenset[StandIn]().union(*map(stand_ins_of, heard)) if heard else self._stand_ins
        changed = now != self._now or ever != self._ever or stand_ins != self._stand_ins
        self._now, self._ever, self._stand_ins = now, ever, stand_ins
        return changed

    @property
    def recognisable(self) -> frozenset[str]:
        """The languages that can be recognised now, as announced."""
        return frozenset(self._now.recognised.values())

    def can(self, source: str, target: str) -> bool:
        """Whether speech in `source` (which may be `auto`) can be recognised, translated and spoken in `target` now."""
        return self._now.can_from(source, target)

    def can_read(self, source: str, target: str) -> bool:
        """Whether speech in `source` (which may be `auto`) can be recognised and translated into `target` now."""
        return self._now.can_write_from(source, target)

    def state(self, source: str, target: str) -> PathState:
        """Like `can`, and tell what was possible before from what never was."""
        if self._now.can_from(source, target):
            return PathState.HEALTHY
        return PathState.PAUSED if self._ever.can_from(source, target) else PathState.NONE

    def knows(self, language: str) -> bool:
        """Whether anybody ever recognised this language, or any language at all if it is `auto`."""
        return bool(self._ever.recognised) if language == AUTO else spoken(language) in self._ever.recognised

    def resolve_spoken(self, speaking: str) -> str:
        """Give the language that `auto` stands for where just one can be recognised; else what was given."""
        if speaking != AUTO or len(self._now.recognised) != 1:
            return speaking
        return next(iter(self._now.recognised.values()))

    @property
    def stand_ins(self) -> frozenset[StandIn]:
        """What is done by another engine than the usual one, as far as is known."""
        return self._stand_ins

    def statuses(self) -> list[WorkerStatus]:
        """Give what each worker that was heard of lately said last."""
        oldest = self._clock.now() - self._stale_ms / 1_000
        return [status for status, at in self._workers.values() if at >= oldest]

    @property
    def works(self) -> bool:
        """Whether anybody at all can be translated for anybody now."""
        return any(self._now.can(source, target) for source, target in self._now.pairs)

    def targets(self) -> tuple[str, ...]:
        """Give the languages somebody could choose to hear: those with voices, and those that are recognised."""
        reached = {b for a, b in self._now.pairs if self._now.can(a, b)}
        tags = self._now.voiced.items()
        return tuple(sorted({tag for language, tag in tags if language in reached} | self.recognisable))
