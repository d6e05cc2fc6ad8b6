"""Whether a microphone hears what its own loudspeaker plays, when the browser did not take it out. Pure."""

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.settings import FRAME_MS
from media_server.analysis.spectrum import BANDS, QUIETEST, Bands

WINDOW = 75
"""Frames that are compared: 1.5 s."""
LONGEST_LAG = 45
"""Frames (900 ms) by which the echo may come behind what was sent: the network there and back, and two buffers."""
MEMORY = WINDOW + LONGEST_LAG
"""Frames of what was sent that matter."""
EVERY = 5
"""Frames (100 ms) between two comparisons."""
ALIKE = 0.7
"""Correlation from which on two sounds are the same. Measured over 1.5 s each: an echo of espeak's Spanish has 0.79 to
0.88 (5 to 95 % of windows), somebody who reads aloud meanwhile up to 0.32 (95 %), at most 0.55."""
AGREED = 3
"""So many comparisons in a row must find the same lag."""
LEARNT_MS = (WINDOW + (AGREED + 1) * EVERY) * FRAME_MS
"""How much of an echo it takes to know it: about 1.9 s."""
SOUNDING_DB = -50.0
"""The loudest band of what is played, above which it may be heard."""
PLAYED = 0.3
"""The part of the window in which something was played, without which nothing can be said."""
AUDIBLE_DB = 3.0
"""How far above the background a band must be to count."""
DEPTH_DB = 35.0
"""What is further below the loudest of a band is a pause."""
MARGIN_DB = 6.0
"""How much louder than the echo should be a band is before it is somebody's own voice."""
OWN_BANDS = 2
"""In so many bands."""
GONE_DB = 8.0
"""So much less than the echo should have is none; who talks over it has more."""
PATIENCE = 15 * 1000 // FRAME_MS
"""Frames of something being played without a trace in the microphone, after which there is no echo (any more)."""
SMOOTH = 0.1
"""How fast the background's mean power follows, as a part of the way each frame."""
NOISE_RISE_DB = 0.06
"""How fast it may be taken for louder, each frame."""
FOLLOW = 0.3
"""How fast the echo's level follows what is measured."""


class EchoGuard:
    """Compares one microphone with what was sent to the same person, frame by frame.

    It learns how late and how loud the echo is in each band within some 1.5 s of it, and from then on says of each
    frame whether it holds more than the echo: what somebody says over it is theirs. It knows levels only, so neither
    drifting clocks nor a browser's stretching of sound (NetEQ) disturbs it, as they would an echo canceller.
    """

    def __init__(self) -> None:
        # The newest frame last.
        self._played = np.full((MEMORY, BANDS), QUIETEST)
        self._heard = np.full((WINDOW, BANDS), QUIETEST)
        self._mean: Bands = np.zeros(BANDS)
        self._noise: Bands = np.zeros(BANDS)
        self._frames = 0
        # The lag found last, and how often in a row.
        self._found = (-1, 0)
        # Frames since something was heard of what is played, while it is played.
        self._missed = 0
        self._lag: int | None = None
        self._gain: Bands = np.zeros(BANDS)

    @property
    def knows_echo(self) -> bool:
        """Whether this microphone hears its loudspeaker, as far as is known."""
        return self._lag is not None

    @property
    def lag_ms(self) -> int | None:
        """How late the echo is; None without one."""
        return None if self._lag is None else self._lag * FRAME_MS

    def is_echo(self, heard: Bands, played: NDArray[np.float64]) -> bool:
        """Take the next 20 ms of the microphone, and say whether there is nothing but echo in them.

        `played` is what was sent since the last call, up to these 20 ms: one row if no frame is left out, shape
        (frames, BANDS). What is left out of the microphone's was silent.
        """
        passed = len(played)
        _shift(self._played, played)
        _shift(self._heard, np.vstack((np.full((min(passed, WINDOW) - 1, BANDS), QUIETEST), heard)))
        before, self._frames = self._frames, self._frames + passed
        self._learn_noise(heard)
        if before // EVERY != self._frames // EVERY:
            self._compare()
        return self._lag is not None and self._explains(self._lag, heard)

    def _learn_noise(self, heard: Bands) -> None:
        """Follow the background: its mean over some 200 ms, down at once and up by 3 dB a second."""
        self._mean += SMOOTH * (10 ** (heard / 10) - self._mean) if self._mean.any() else 10 ** (heard / 10)
        self._noise = np.minimum(10 * np.log10(self._mean), self._noise + NOISE_RISE_DB)

    def _explains(self, lag: int, heard: Bands) -> bool:
        """Whether the echo of what was played then, give or take 40 ms, is as loud as what is heard now."""
        newest = len(self._played) - lag
        near = self._played[max(0, newest - 3) : newest + 2]
        loudest = near.max(axis=0)
        if loudest.max() < SOUNDING_DB:
            return False
        expected = np.maximum(loudest + self._gain, self._noise + AUDIBLE_DB)
        return int((heard > expected + MARGIN_DB).sum()) < OWN_BANDS

    def _compare(self) -> None:
        """Look for the lag at which both are most alike."""
        sounding = self._played[-WINDOW:].max(axis=1) > SOUNDING_DB
        if self._frames < WINDOW or sounding.mean() < PLAYED:
            self._found = (-1, 0)
            return
        heard = np.maximum(self._heard, self._noise + AUDIBLE_DB)
        alike, lag = _most_alike(heard, self._played)
        if alike < ALIKE:
            self._found = (-1, 0)
            self._miss()
            return
        before, times = self._found
        self._found = (lag, times + 1 if abs(lag - before) <= 1 else 1)
        if self._found[1] >= AGREED:
            self._learn(lag)

    def _miss(self) -> None:
        """Forget an echo that is not heard any more, as when somebody puts headphones on."""
        if self._lag is None:
            return
        begin = LONGEST_LAG - self._lag
        played = self._played[begin : begin + WINDOW]
        loud = played.max(axis=1) > SOUNDING_DB + DEPTH_DB / 2
        missing = self._heard < played + self._gain - GONE_DB
        if loud.any() and missing[loud].mean() > 0.5:
            self._missed += EVERY
            if self._missed >= PATIENCE:
                self._lag = None

    def _learn(self, lag: int) -> None:
        begin = LONGEST_LAG - lag
        played = self._played[begin : begin + WINDOW]
        loud = played > played.max(axis=0) - 15
        differences = np.where(loud, self._heard - played, np.nan)
        gain: Bands = np.nanmedian(differences, axis=0)
        self._gain = gain if self._lag is None else self._gain + FOLLOW * (gain - self._gain)
        self._lag = lag
        self._missed = 0


def _shift(rows: NDArray[np.float64], newer: NDArray[np.float64]) -> None:
    """Let the newest rows in at the end, and as many of the oldest out."""
    count = min(len(newer), len(rows))
    rows[: len(rows) - count] = rows[count:]
    rows[len(rows) - count :] = newer[len(newer) - count :]


def _most_alike(heard: NDArray[np.float64], played: NDArray[np.float64]) -> tuple[float, int]:
    """Give the best correlation of what was heard with what was played before, and its lag in frames.

    Compared are the frames in which something was played: that two sounds begin at once says nothing.
    """
    windows = np.lib.stride_tricks.sliding_window_view(played, WINDOW, axis=0)
    sounding = (windows.max(axis=1) > SOUNDING_DB).astype(np.float64)
    count = np.maximum(sounding.sum(axis=1), 1.0)
    loud = np.maximum(windows, windows.max(axis=2, keepdims=True) - DEPTH_DB)
    weights = sounding[:, None, :]
    theirs = (loud - (loud * weights).sum(axis=2, keepdims=True) / count[:, None, None]) * weights
    mine = (heard.T - (heard.T * weights).sum(axis=2, keepdims=True) / count[:, None, None]) * weights
    sizes = np.sqrt(np.einsum("lbt,lbt->l", theirs, theirs) * np.einsum("lbt,lbt->l", mine, mine))
    enough = (count >= WINDOW * PLAYED) & (sizes > count * BANDS)
    alike = np.where(enough, np.einsum("lbt,lbt->l", theirs, mine) / np.maximum(sizes, 1e-9), 0.0)
    best = int(alike.argmax())
    return float(alike[best]), LONGEST_LAG - best
