"""What sounded when, for the last seconds: measured only if somebody asks."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.echo import MEMORY
from media_server.analysis.settings import FRAME_MS
from media_server.analysis.spectrum import BANDS, QUIETEST, Bands, bands_of

KEPT = 2 * MEMORY
"""Frames that are remembered, some 5 s; whoever asks does so at least that often, or misses what is older."""

Measure = Callable[[bytes], Bands]
"""Says how a frame is spread over bands."""


def frame_at(now: float) -> int:
    """Give the number of the frame of 20 ms that is spoken or sent at a time (monotonic seconds)."""
    return int(now * 1000 / FRAME_MS)


class Trace:
    """One source of sound, 20 ms at a time.

    Args:
        measure: of the frames in the order in which they came; by default they are 16 kHz mono s16le.
    """

    def __init__(self, measure: Measure = bands_of) -> None:
        self._measure = measure
        self._unmeasured: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._bands = np.full((KEPT, BANDS), QUIETEST)
        # The frame to which each row belongs; -1: none.
        self._frames = np.full(KEPT, -1)
        self.newest = -1

    def note(self, frame: int, sound: bytes) -> None:
        """Take the sound of a frame. Costs next to nothing."""
        self.newest = frame
        self._unmeasured.append((frame, sound))

    def between(self, first: int, last: int) -> NDArray[np.float64]:
        """Give the bands of so many frames, both ends included; what is not known is silence."""
        while self._unmeasured:
            frame, sound = self._unmeasured.popleft()
            row = frame % KEPT
            self._bands[row] = self._measure(sound)
            self._frames[row] = frame
        wanted = np.arange(first, last + 1)
        rows = wanted % KEPT
        known = (self._frames[rows] == wanted)[:, None]
        found: NDArray[np.float64] = np.where(known, self._bands[rows], QUIETEST)
        return found
