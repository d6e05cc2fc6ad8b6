"""Cutting the silence from both ends of a piece of speech while it streams through."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

QUIET = 104
"""Peak of 16-bit samples below which sound counts as silence: -50 dBFS, under a soft fricative, over a noise floor."""
LEAD_MS = 20
"""Silence left in front of the first sound: an attack has a few quiet milliseconds of its own."""
TAIL_MS = 60
"""Silence left behind the last sound, where a voice dies away."""
FADE_MS = 4
"""Length of the ramps at both ends, so that cutting makes no click."""
LONGEST_PAUSE_MS = 1_000
"""A pause inside is shortened to this: the listener waits for words."""


class Trimmer:
    """Takes mono samples, gives back those worth hearing, a little later: a pause is held back until sound follows it.

    What is held back is bounded by `LONGEST_PAUSE_MS`; more silence than that is dropped.
    """

    def __init__(self, sample_rate: int) -> None:
        per_ms = sample_rate / 1000
        self._lead = round(LEAD_MS * per_ms)
        self._tail = round(TAIL_MS * per_ms)
        self._fade = round(FADE_MS * per_ms)
        self._longest = round(LONGEST_PAUSE_MS * per_ms)
        self._held = np.zeros(0, np.int16)
        self._begun = False
        # Samples given out, counted until they need no fading.
        self._given = 0

    def push(self, samples: Samples) -> Samples:
        """Take some samples; give those which are certain to be heard."""
        waiting = np.concatenate((self._held, samples))
        loud = _loud(waiting)
        if not loud.size:  # since it began, what is held has the last loud sample in it
            self._held = waiting[max(0, len(waiting) - self._lead) :]
            return waiting[:0]
        if not self._begun:
            start = max(0, int(loud[0]) - self._lead)
            waiting, loud = waiting[start:], loud - start
            self._begun = True
        for pause in np.flatnonzero(np.diff(loud) > self._longest)[::-1]:
            waiting = np.delete(waiting, np.s_[loud[pause] + self._longest : loud[pause + 1]])
        # The fade at the end needs samples that have not gone out yet.
        sure = max(0, int(_loud(waiting)[-1]) + 1 - self._fade)
        self._held = waiting[sure : sure + self._fade + self._longest]
        return self._give(waiting[:sure])

    def finish(self) -> Samples:
        """Say that nothing follows; give the rest, faded out. Empty if there never was a sound."""
        if not self._begun:
            return np.zeros(0, np.int16)
        rest = self._give(self._held[: self._fade + self._tail])
        self._held = rest[:0]
        falling = np.arange(len(rest))[::-1] / self._fade
        return (rest * np.minimum(falling, 1.0)).astype(np.int16)

    def _give(self, samples: Samples) -> Samples:
        """Let the sound rise from nothing over the first samples that are given out."""
        if self._given >= self._fade:
            return samples
        rising = np.arange(self._given, self._given + len(samples)) / self._fade
        self._given += len(samples)
        return (samples * np.minimum(rising, 1.0)).astype(np.int16)


def _loud(samples: Samples) -> NDArray[np.intp]:
    return np.flatnonzero((samples >= QUIET) | (samples <= -QUIET))
