"""Keeping peaks below full scale without a click or a crackle."""

import numpy as np

from pipeline.engines.loudness import Sound

CEILING = 10 ** (-1 / 20)
"""No sample goes above this: -1 dBFS leaves room for what the encoder adds between the samples."""
AHEAD_MS = 5
"""How long before a peak the sound gets quieter, and how long after it it is back."""


class Limiter:
    """Turns the sound down smoothly around each peak. It gives sound out `AHEAD_MS` after it took it.

    The gain at a sample is the mean, over the window behind it, of the smallest gain that any sample in the window
    ahead needs: it is never above what the sample itself needs, and never jumps.
    """

    def __init__(self, sample_rate: int) -> None:
        """`sample_rate` in hertz."""
        self._ahead = max(1, sample_rate * AHEAD_MS // 1000)
        self._waiting: Sound = np.zeros(0)
        # The gains that the samples need: of those that wait, and of a window before them.
        self._needed: Sound = np.ones(self._ahead)

    def push(self, sound: Sound) -> Sound:
        """Take more sound; give what is certain by now."""
        peaks = np.abs(sound)
        needed = np.ones(len(sound))
        over = peaks > CEILING
        needed[over] = CEILING / peaks[over]
        self._needed = np.concatenate((self._needed, needed))
        self._waiting = np.concatenate((self._waiting, sound))
        sure = max(0, len(self._waiting) - self._ahead)
        given = self._waiting[:sure] * self._gains(sure)
        self._waiting = self._waiting[sure:]
        self._needed = self._needed[sure:]
        return given

    def finish(self) -> Sound:
        """Say that nothing follows; give the rest."""
        return self.push(np.zeros(self._ahead))

    def _gains(self, samples: int) -> Sound | float:
        """Give the gains of the first samples that wait."""
        window = self._ahead + 1
        needed = self._needed[: samples + 2 * self._ahead]
        if not samples or needed.min() == 1.0:
            return 1.0
        smallest = np.lib.stride_tricks.sliding_window_view(needed, window).min(axis=1)
        mean: Sound = np.lib.stride_tricks.sliding_window_view(smallest, window).mean(axis=1)
        return mean
