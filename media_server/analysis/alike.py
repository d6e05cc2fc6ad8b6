"""How alike two stretches of sound are, and how much later one is than the other. Pure."""

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.spectrum import BANDS

LONGEST_LAG = 80
"""Frames (1.6 s) by which an echo may come behind what was sent: the network there and back, and two buffers.

Measured with Chromium: 0.2 s, but 1.04 s at times while it is short of processor time.
"""
SOUNDING_DB = -50.0
"""The loudest band of what is played, above which it may be heard."""
PLAYED = 0.3
"""The part of the stretch in which something was played, without which nothing can be said."""
DEPTH_DB = 35.0
"""What is further below the loudest of a band is a pause."""


def most_alike(heard: NDArray[np.float64], played: NDArray[np.float64]) -> tuple[float, int]:
    """Give the best correlation of what was heard with what was played before, and its lag in frames.

    Shapes (frames, BANDS) and (frames + the longest lag, BANDS). Compared are the frames in which something was played:
    that two sounds begin at once says nothing.
    """
    window, longest = len(heard), len(played) - len(heard)
    windows = np.lib.stride_tricks.sliding_window_view(played, window, axis=0)
    sounding = (windows.max(axis=1) > SOUNDING_DB).astype(np.float64)
    count = np.maximum(sounding.sum(axis=1), 1.0)
    loud = np.maximum(windows, windows.max(axis=2, keepdims=True) - DEPTH_DB)
    weights = sounding[:, None, :]
    theirs = (loud - (loud * weights).sum(axis=2, keepdims=True) / count[:, None, None]) * weights
    mine = (heard.T - (heard.T * weights).sum(axis=2, keepdims=True) / count[:, None, None]) * weights
    sizes = np.sqrt(np.einsum("lbt,lbt->l", theirs, theirs) * np.einsum("lbt,lbt->l", mine, mine))
    enough = (count >= window * PLAYED) & (sizes > count * BANDS)
    alike = np.where(enough, np.einsum("lbt,lbt->l", theirs, mine) / np.maximum(sizes, 1e-9), 0.0)
    best = int(alike.argmax())
    return float(alike[best]), longest - best
