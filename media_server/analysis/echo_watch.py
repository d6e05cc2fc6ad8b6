"""One speaker's microphone held against what was sent to them, frame by frame."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.echo import MEMORY, EchoGuard
from media_server.analysis.spectrum import bands_of

Played = Callable[[int, int], NDArray[np.float64] | None]
"""Gives the bands of what was sent to a speaker in each frame from one to another, both included; None if there was
nothing of which an echo can still come."""

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

    def judge(self, frame: int, pcm: bytes) -> Verdict:
        """Judge 20 ms, 16 kHz mono s16le; frames come in order, those that are left out were silent."""
        first = max(self._newest + 1, frame - MEMORY + 1)
        if self.played is None or frame < first:
            return OWN
        sent = self.played(first, frame)
        if sent is None:
            return OWN
        self._newest = frame
        knew = self._guard.lag_ms
        echo = self._guard.is_echo(bands_of(pcm), sent)
        knows = self._guard.lag_ms
        learnt = knows is not None and (knew is None or abs(knows - knew) > NEAR_MS)
        return Verdict(echo, learnt)
