"""Tells speakers how long others still listen to the voices of what they said."""

from collections.abc import Mapping
from dataclasses import dataclass

from media_server.clock import Clock
from media_server.events import StillListening
from media_server.participant import Participant
from media_server.targets import Tongue, tongue

EVERY_S = 0.5
"""At most so often a speaker is told."""
LONGEST_PATH_MS = 2_000
"""What the way to somebody's ear may take at most: a page that is asleep must not keep the speaker waiting."""


@dataclass(slots=True)
class _Told:
    """What one speaker was told last, and when (monotonic seconds) the last of it will have been heard."""

    at: float
    over_at: float
    listeners: int


class HearingOut:
    """For the speakers of one room. The hidden do not count: nobody is to know of them."""

    def __init__(self, members: Mapping[str, Participant], clock: Clock) -> None:
        """`members` is the room's own mapping."""
        self._members = members
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def tick(self, remaining: Mapping[str, Mapping[Tongue, int]]) -> None:
        """Tell who is to be told; `remaining`: what is still to be played of each speaker, in ms, in each tongue."""
        now = self._clock.now()
        for speaker_id, left in remaining.items():
            self._expect(speaker_id, left, now)
        for speaker_id in [speaker_id for speaker_id in self._told if speaker_id not in remaining]:
            self._run_out(speaker_id, now)

    def forget(self, speaker_id: str) -> None:
        """Tell somebody nothing more: they left."""
        self._told.pop(speaker_id, None)

    def _expect(self, speaker_id: str, left: Mapping[Tongue, int], now: float) -> None:
        told = self._told.get(speaker_id)
        if told is not None and now - told.at < EVERY_S:
            return
        longest_ms = count = 0
        for listener_id, member in self._members.items():
            left_ms = left.get(tongue(member.listener.language)) if member.listens else None
            if left_ms and listener_id != speaker_id and not member.rights.hidden:
                count += 1
                longest_ms = max(longest_ms, left_ms + min(member.listener.soundings.path_ms, LONGEST_PATH_MS))
        if count:
            self._tell(speaker_id, longest_ms, count, now)

    def _run_out(self, speaker_id: str, now: float) -> None:
        """Everything has been sent: what is left is on its way."""
        told = self._told[speaker_id]
        if now >= told.over_at:
            del self._told[speaker_id]
            self._send(speaker_id, 0, 0)
        elif now - told.at >= EVERY_S:
            self._tell(speaker_id, round((told.over_at - now) * 1_000), told.listeners, now)

    def _tell(self, speaker_id: str, left_ms: int, listeners: int, now: float) -> None:
        self._told[speaker_id] = _Told(now, now + left_ms / 1_000, listeners)
        self._send(speaker_id, left_ms, listeners)

    def _send(self, speaker_id: str, left_ms: int, listeners: int) -> None:
        member = self._members.get(speaker_id)
        if member is not None:
            member.tell(StillListening(remaining_ms=left_ms, listeners=listeners))
