"""One speaker's microphone held against what was sent to them, frame by frame."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.alike import LONGEST_LAG
from media_server.analysis.echo import MEMORY, EchoGuard
from media_server.analysis.spectrum import BANDS, QUIETEST, bands_of

Played = Callable[[int, int], NDArray[np.float64] | None]
"""Gives the bands of what was sent to a speaker in each frame from one to another, both included; None if there was
nothing of which an echo can still come."""

BEHIND = 4
"""Frames (80 ms) after which it is asked what was played. What is sent in the frame in which the microphone's sound
arrives, and floors that wait for a packet, are not noted before; they would be taken for silence. No echo is so quick.
"""
NEAR_MS = 40
"""An echo that comes so much sooner or later than it did is told all the same."""


class Verdict(NamedTuple):
    """What is said of a frame."""

    # There is nothing but echo in it.
    echo: bool
    # The echo became known with it, or how late it comes now: what was taken for speech just before was echo as well.
    learnt: bool


OWN = Verdict(echo=False, learnt=False)
"""Nothing is known against it."""


class EchoWatch:
    """Asks what was played only as far as it matters, and the guard only where something was."""

    def __init__(self) -> None:
        # None if there is nothing to hold the microphone against.
        self.played: Played | None = None
        self._guard = EchoGuard()
        # The newest frame that the guard knows.
        self._newest = 0
        # The last frame in which there was something of which an echo can come.
        self._sounded = -LONGEST_LAG - 1
        # Since when something was played without a break.
        self._since = 0
        self._verdict = OWN

    def judge(self, frame: int, pcm: bytes) -> Verdict:
        """Judge 20 ms, 16 kHz mono s16le; frames come in order, those that are left out were silent."""
        first = max(self._newest + 1, frame - MEMORY + 1)
        if self.played is None:
            return OWN
        if frame < first:
            # Two frames of one number, as clocks drift: what is said of one holds for both.
            return Verdict(self._verdict.echo, learnt=False)
        sent = self.played(first - BEHIND, frame - BEHIND)
        if sent is not None:
            self._sounded = frame
        elif frame - self._sounded <= LONGEST_LAG:
            # As when a speaker leaves: what they said last is still on its way back.
            sent = np.full((frame - first + 1, BANDS), QUIETEST)
        else:
            self._verdict, self._since = OWN, frame + 1
            return OWN
        self._newest = frame
        knew = self._guard.lag_ms
        echo = self._guard.is_echo(bands_of(pcm), sent)
        knows = self._guard.lag_ms
        learnt = knows is not None and (knew is None or abs(knows - knew) > NEAR_MS)
        self._verdict = Verdict(echo, learnt)
        return self._verdict

    def was_echo(self, first: int) -> bool:
        """Say whether all that was heard from a frame on was only an echo.

        It was not if it began when nothing was played of which an echo could come.
        """
        return first >= self._since and self._guard.was_echo(self._newest - first + 1)
