"""One utterance's voice in one language: its clauses in order, and what becomes of those that do not come."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from media_server.playout.clause_voice import ClauseVoice
from media_server.utterance import Utterance
from pipeline.messages import Speech

Loss = Literal["late", "hole", "failed"]
"""late: it, or its turn, did not come in time; hole: it, or a piece of it, did not come; failed: a tombstone came."""

MAX_CLAUSES = 64
"""Clauses of one utterance waiting; records beyond it are refused."""


class Lost(NamedTuple):
    """A committed clause, or the rest of one, that will not be heard."""

    utterance: Utterance
    clause: int
    why: Loss


@dataclass(frozen=True, slots=True)
class Patience:
    """How long playout waits for what. Seconds for the loop's time, milliseconds for ages."""

    hole_s: float
    # From the end of a clause's audio: until its voice is there, and, if it was, until it begins.
    deadline_ms: int
    turn_ms: int


class UtteranceVoice:
    """Gives out clause after clause. Pure; `now` is monotonic seconds, `now_ms` epoch milliseconds."""

    def __init__(self, utterance: Utterance, patience: Patience) -> None:
        self.utterance = utterance
        self._patience = patience
        self._clauses: dict[int, ClauseVoice] = {}
        # The clause to be played next, or being played.
        self._next = 0
        # Since when something is missing while there is something behind it, or there ought to be.
        self._missing_since: float | None = None
        # Nothing of it will be played any more.
        self.finished = False

    @property
    def head(self) -> ClauseVoice | None:
        """The clause whose turn it is, if anything of it is known."""
        return self._clauses.get(self._next)

    @property
    def playing(self) -> bool:
        """Whether a clause is in the middle of being played."""
        return self.head is not None and self.head.playing is not None

    @property
    def playable(self) -> bool:
        """Whether a packet is there to be played now (after `sweep`)."""
        head = self.head
        return not self.finished and head is not None and head.ready and head.record() is not None

    @property
    def waiting_ms(self) -> int:
        """How much sound waits."""
        return sum(clause.waiting_ms for clause in self._clauses.values())

    @property
    def remaining_ms(self) -> int:
        """Say how long what is known of it still sounds, what is not made yet included."""
        return 0 if self.finished else sum(clause.remaining_ms for clause in self._clauses.values())

    def put(self, speech: Speech) -> bool:
        """Take a record; say whether it is of use."""
        clause = self._clause(speech.clause)
        if clause is None:
            self._put_passed(speech)
            return False
        return clause.put(speech) and not clause.dropped

    def expect(self, clause: int, ended_at_ms: int, characters: int = 0) -> None:
        """Learn that a clause was committed, so that its voice is missed if it does not come."""
        expected = self._clause(clause)
        if expected is not None:
            expected.expected = True
            expected.characters = expected.characters or characters
            expected.ended_at_ms = expected.ended_at_ms or ended_at_ms

    def skip(self) -> None:
        """Leave out the rest of the clause whose turn it is."""
        self._pass()

    def give_up(self) -> list[Lost]:
        """Wait for nothing any more; say what is lost by it."""
        self.finished = True
        waiting = [clause for clause in self._clauses.values() if clause.committed and not clause.dropped]
        return [Lost(self.utterance, clause.clause, "hole") for clause in waiting]

    def sweep(self, now: float, now_ms: int) -> list[Lost]:
        """Pass over what need not, or will not, be played; say what was lost."""
        lost = self._expire(now_ms)
        while not self.finished:
            head = self.head
            if head is not None and (head.dropped or head.finished):
                self._pass()
                continue
            if head is not None and head.playing is None and (version := head.choice()) is not None:
                if version.silent:
                    self._pass()
                    continue
                if version.failed and not version.begun:
                    lost.append(Lost(self.utterance, self._next, "failed"))
                    self._pass()
                    continue
            if not self._stuck(now):
                break
            if head is None or head.committed:
                lost.append(Lost(self.utterance, self._next, "hole"))
            self._pass()
        if self.utterance.ended_at_ms is not None and not self.playing and not self.playable:
            self.finished |= now_ms > self.utterance.ended_at_ms + self._patience.deadline_ms
        return lost

    def _put_passed(self, speech: Speech) -> None:
        """Learn from a clause that was left out whether it was the last."""
        holds = not speech.speculative or speech.revision == self.utterance.confirms
        self.finished |= speech.last and holds and speech.clause == self._next - 1

    def _expire(self, now_ms: int) -> list[Lost]:
        """Drop the clauses that have not begun and are past their deadline, or have waited for too long."""
        lost = []
        for clause in self._clauses.values():
            due = clause.ended_at_ms and clause.playing is None and not clause.dropped and clause.committed
            age_ms = now_ms - clause.ended_at_ms
            if due and age_ms <= self._patience.deadline_ms:
                clause.in_time |= clause.ready
            elif due and age_ms > (self._patience.turn_ms if clause.in_time else self._patience.deadline_ms):
                version = clause.choice()
                clause.dropped = True
                if version is None or not version.silent:
                    lost.append(Lost(self.utterance, clause.clause, "late"))
        return lost

    def _stuck(self, now: float) -> bool:
        """Whether the clause whose turn it is, or its next packet, has been missing for too long."""
        behind = any(number > self._next and clause.ready for number, clause in self._clauses.items())
        if self.playable or not (self.playing or behind):
            self._missing_since = None
            return False
        if self._missing_since is None:
            self._missing_since = now
        return now - self._missing_since >= self._patience.hole_s

    def _pass(self) -> None:
        gone = self._clauses.pop(self._next, None)
        version = gone.choice() if gone else None
        self.finished |= version is not None and version.last
        self._next += 1
        self._missing_since = None

    def _clause(self, number: int) -> ClauseVoice | None:
        if number < self._next or number >= self._next + MAX_CLAUSES:
            return None
        return self._clauses.setdefault(number, ClauseVoice(self.utterance, number))
