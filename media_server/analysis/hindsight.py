"""Whether an utterance that is over was nothing but an echo, however its lag changed meanwhile. Pure."""

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.alike import LONGEST_LAG, most_alike
from media_server.analysis.spectrum import Bands

BLOCK = 25
"""Frames (500 ms) that are compared: so few that a browser has hardly stretched the sound (NetEQ) meanwhile."""
ALIKE = 0.7
"""Correlation from which on a block is what was played. Measured: somebody else's words meanwhile reach 0.67."""
LONGEST = 600
"""Frames (12 s) that are remembered: the longest utterance."""
LEAST = 8
"""Loud frames without which nothing is said."""
LOUD_DB = 10.0
"""Above the background, in two bands: it matters whose it is."""
MARGIN_DB = 6.0
"""How much louder than the echo should be a band is before it is somebody's own voice."""
OWN_BANDS = 2
"""In so many bands."""
NEAR = 2
"""Frames by which the echo may be late or early within a block."""
TOLD = 0.4
"""The part of an utterance's loud frames that must be found in what was played, when it is known how loud an echo is:
stretched and broken sound is not all found. Of somebody's own words over an echo 0.01 to 0.2 are."""
TOLD_AT_FIRST = 0.8
"""The same while that is not known."""
OWN = 0.3
"""The part that may be louder than an echo: broken sound is. Of own words over an echo of -12 dB 0.38 are."""


class Hindsight:
    """Marks frames: which are loud, which are found in what was played, and which are louder than it all.

    The guard knows one lag at a time, and takes 1.9 s to find another. Browsers change it at any pause by as much as
    800 ms; so what one lag has not explained is compared in short blocks at all lags, and judged when it is over.
    """

    def __init__(self) -> None:
        # The newest frame last.
        self._loud = np.zeros(LONGEST, np.bool_)
        self._told = np.zeros(LONGEST, np.bool_)
        # The lag found for the block that ended with a frame; -1: none.
        self._lags = np.full(LONGEST, -1)

    def let_pass(self, frames: int) -> None:
        """Let so many newer frames in, of which nothing is known yet."""
        count = min(frames, LONGEST)
        for marks, unknown in ((self._loud, False), (self._told, False), (self._lags, -1)):
            marks[: LONGEST - count] = marks[count:]
            marks[LONGEST - count :] = unknown

    def look(
        self, heard: NDArray[np.float64], played: NDArray[np.float64], background: Bands, gain: Bands | None
    ) -> None:
        """Look at the newest `BLOCK` frames; `gain` is how loud an echo is, if that is known.

        `played` are the newest frames of what was sent, at least `BLOCK + LONGEST_LAG`.
        """
        heard = heard[-BLOCK:]
        self._loud[-BLOCK:] = (heard > background + LOUD_DB).sum(axis=1) >= OWN_BANDS
        if not self._loud[-BLOCK:].any():
            return
        alike, lag = most_alike(np.maximum(heard, background), played[-BLOCK - LONGEST_LAG :])
        if alike < ALIKE:
            return
        self._lags[-1] = lag
        end = len(played) - lag
        sent = played[end - BLOCK : end]
        if gain is None:
            gain = np.nanmedian(np.where(sent > sent.max(axis=0) - 15, heard - sent, np.nan), axis=0)
        near = played[max(0, end - BLOCK - NEAR) : end + NEAR]
        around = np.lib.stride_tricks.sliding_window_view(np.pad(near, _PADDING, mode="edge"), 2 * NEAR + 1, axis=0)
        loudest_near = around.max(axis=2)[NEAR:][:BLOCK]
        self._told[-BLOCK:] |= ~exceeds(heard, np.maximum(loudest_near + gain, background))

    def was_echo(
        self, heard: NDArray[np.float64], played: NDArray[np.float64], background: Bands, gain: Bands | None
    ) -> bool:
        """Say whether all that was heard was only an echo; `played` as in `look`, `LONGEST_LAG` frames longer."""
        frames = len(heard)
        loud = self._loud[-frames:]
        if loud.sum() < LEAST:
            return False
        told = self._told[-frames:][loud].mean()
        if gain is None:
            return bool(told >= TOLD_AT_FIRST)
        return bool(told >= TOLD and self._own(heard, played, background, gain)[loud].mean() <= OWN)

    def _own(
        self, heard: NDArray[np.float64], played: NDArray[np.float64], background: Bands, gain: Bands
    ) -> NDArray[np.bool_]:
        """Say which frames are louder than an echo at any lag that was found meanwhile can be."""
        frames = len(heard)
        expected = np.tile(background, (frames, 1))
        lags = set(self._lags[-frames:].tolist()) - {-1}
        near = {lag + by for lag in lags for by in range(-NEAR, NEAR + 1)}
        for lag in near & set(range(LONGEST_LAG + 1)):
            end = len(played) - lag
            expected = np.maximum(expected, played[end - frames : end] + gain)
        return exceeds(heard, expected)


_PADDING = ((NEAR, NEAR), (0, 0))


def exceeds(heard: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each frame whether there is more in it than an echo; shapes (..., BANDS)."""
    more: NDArray[np.bool_] = (heard > expected + MARGIN_DB).sum(axis=-1) >= OWN_BANDS
    return more
