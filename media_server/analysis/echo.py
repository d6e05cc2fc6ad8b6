"""Whether a microphone hears what its own loudspeaker plays, when the browser did not take it out. Pure."""

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.alike import DEPTH_DB, LONGEST_LAG, PLAYED, SOUNDING_DB, most_alike
from media_server.analysis.hindsight import LONGEST, Hindsight, exceeds
from media_server.analysis.settings import FRAME_MS
from media_server.analysis.spectrum import BANDS, QUIETEST, Bands

WINDOW = 75
"""Frames that are compared: 1.5 s."""
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
AUDIBLE_DB = 3.0
"""How far above the background a band must be to count."""
GONE_DB = 8.0
"""So much less than the echo should have is none; who talks over it has more."""
PATIENCE = 15 * 1000 // FRAME_MS
"""Frames of something being played without a trace in the microphone, after which there is no echo (any more)."""
SMOOTH = 0.1
"""How fast the background's mean power follows, as a part of the way each frame."""
NOISE_RISE_DB = 0.02
"""How fast it may be taken for louder, each frame: 8 s of speech without a pause do not make it speech."""
QUIET_DB = -75.0
"""What the background is taken for at most after a time in which nothing was compared; it is soon learnt anew."""
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
        self._played = np.full((LONGEST + LONGEST_LAG, BANDS), QUIETEST)
        self._heard = np.full((LONGEST, BANDS), QUIETEST)
        self._mean: Bands = np.zeros(BANDS)
        self._noise: Bands = np.zeros(BANDS)
        self._frames = 0
        # The lag found last, and how often in a row.
        self._found = (-1, 0)
        # Frames since something was heard of what is played, while it is played.
        self._missed = 0
        self._lag: int | None = None
        self._gain: Bands = np.zeros(BANDS)
        self._hindsight = Hindsight()

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
        _shift(self._heard, np.vstack((np.full((min(passed, LONGEST) - 1, BANDS), QUIETEST), heard)))
        self._hindsight.let_pass(passed)
        before, self._frames = self._frames, self._frames + passed
        if passed > LONGEST_LAG:
            # Nothing was compared for long: the mean of then, maybe of speech, is not the background's.
            self._mean = np.zeros(BANDS)
            self._noise = np.minimum(self._noise, QUIET_DB)
        self._learn_noise(heard)
        if before // EVERY != self._frames // EVERY:
            self._hindsight.look(self._heard, self._played, self._noise + AUDIBLE_DB, self._known_gain)
            self._compare()
        return self._lag is not None and self._explains(self._lag, heard)

    def was_echo(self, frames: int) -> bool:
        """Say whether so many frames, up to the newest, were nothing but echo, whatever was said of each."""
        frames = min(frames, LONGEST)
        if frames <= 0:
            return False
        background = self._noise + AUDIBLE_DB
        return self._hindsight.was_echo(self._heard[-frames:], self._played, background, self._known_gain)

    @property
    def _known_gain(self) -> Bands | None:
        return None if self._lag is None else self._gain

    def _learn_noise(self, heard: Bands) -> None:
        """Follow the background: its mean over some 200 ms, down at once and up by 1 dB a second."""
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
        return not exceeds(heard, expected)

    def _compare(self) -> None:
        """Look for the lag at which both are most alike."""
        sounding = self._played[-WINDOW:].max(axis=1) > SOUNDING_DB
        if self._frames < WINDOW or sounding.mean() < PLAYED:
            self._found = (-1, 0)
            return
        heard = np.maximum(self._heard[-WINDOW:], self._noise + AUDIBLE_DB)
        alike, lag = most_alike(heard, self._played[-MEMORY:])
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
        played = self._before(self._lag)
        loud = played.max(axis=1) > SOUNDING_DB + DEPTH_DB / 2
        missing = self._heard[-WINDOW:] < played + self._gain - GONE_DB
        if loud.any() and missing[loud].mean() > 0.5:
            self._missed += EVERY
            if self._missed >= PATIENCE:
                self._lag = None

    def _before(self, lag: int) -> NDArray[np.float64]:
        """Give what was played in the window that ended so many frames ago."""
        end = len(self._played) - lag
        return self._played[end - WINDOW : end]

    def _learn(self, lag: int) -> None:
        played = self._before(lag)
        loud = played > played.max(axis=0) - 15
        differences = np.where(loud, self._heard[-WINDOW:] - played, np.nan)
        gain: Bands = np.nanmedian(differences, axis=0)
        self._gain = gain if self._lag is None else self._gain + FOLLOW * (gain - self._gain)
        self._lag = lag
        self._missed = 0


def _shift(rows: NDArray[np.float64], newer: NDArray[np.float64]) -> None:
    """Let the newest rows in at the end, and as many of the oldest out."""
    count = min(len(newer), len(rows))
    rows[: len(rows) - count] = rows[count:]
    rows[len(rows) - count :] = newer[len(newer) - count :]
