"""When the voices sent to one listener began to sound there, as their page says."""

from typing import NamedTuple

from media_server.clock import Clock
from media_server.targets import Tongue

MAX_KEPT = 64
"""Clauses of a listener that are remembered; beyond it the oldest is forgotten."""
LATEST_MS = 30_000
"""A page that says so later than this after the first packet is not believed: it slept, or makes it up."""
NEWS = 0.25
"""How much of a new time is taken over into what a listener's way usually takes."""
USUAL_MS = 150
"""What the way to an ear takes where nobody has said: a network, and what browsers hold back against its jitter."""


class Sounding(NamedTuple):
    """One clause's voice at one listener. All times in epoch milliseconds."""

    utterance_id: str
    clause: int
    tongue: Tongue
    # The end of the clause's sound, 0 if it is not known.
    ended_at_ms: int
    sent_at_ms: int
    heard_at_ms: int | None = None


class Soundings:
    """Knows what was sent to one listener, and so which reports of theirs can be true."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: dict[tuple[str, int, Tongue], Sounding] = {}
        # From a clause's first packet to its sounding, lately; None while nothing was said of it.
        self._path_ms: float | None = None

    @property
    def path_ms(self) -> int:
        """Say what the way from here to the ear takes."""
        return USUAL_MS if self._path_ms is None else round(self._path_ms)

    def began(self, utterance_id: str, clause: int, tongue: Tongue, ended_at_ms: int) -> None:
        """Note that a clause's first packet left just now."""
        key = utterance_id, clause, tongue
        self._sent.pop(key, None)
        self._sent[key] = Sounding(*key, ended_at_ms, self._clock.epoch_ms())
        if len(self._sent) > MAX_KEPT:
            del self._sent[next(iter(self._sent))]

    def heard(
        self, utterance_id: str, clause: int, tongue: Tongue, ago_ms: int, rtt_s: float | None
    ) -> Sounding | None:
        """Take a page's word that a clause began to sound so long ago; None if it is none that can be of use.

        It counts once, and only of what was sent there. The word was on its way for half of the round trip, if that is
        known. Nothing sounds before it was sent, or in the future, whatever a page says.
        """
        key = utterance_id, clause, tongue
        sent = self._sent.get(key)
        now_ms = self._clock.epoch_ms()
        if sent is None or sent.heard_at_ms is not None or now_ms - sent.sent_at_ms > LATEST_MS:
            return None
        at_ms = now_ms - ago_ms - round((rtt_s or 0.0) * 500)
        heard = sent._replace(heard_at_ms=min(max(at_ms, sent.sent_at_ms), now_ms))
        self._sent[key] = heard
        took_ms = (heard.heard_at_ms or 0) - sent.sent_at_ms
        self._path_ms = took_ms if self._path_ms is None else self._path_ms + NEWS * (took_ms - self._path_ms)
        return heard

    def heard_at_ms(self, utterance_id: str, clause: int, tongue: Tongue) -> int | None:
        """Say when a clause began to sound here; None if nobody said."""
        sounding = self._sent.get((utterance_id, clause, tongue))
        return None if sounding is None else sounding.heard_at_ms
