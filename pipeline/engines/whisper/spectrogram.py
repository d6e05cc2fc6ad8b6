"""Whisper's log-mel spectrogram, grown as sound comes instead of made anew for every window."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SAMPLE_RATE = 16_000
HOP = 160
"""Samples between two frames: 10 ms."""
FFT = 400
"""Samples in a frame: 25 ms, around its place."""
RANGE = 8.0
"""Powers of ten below the loudest at which everything counts as silence."""


class Spectrogram:
    """The mel powers of one utterance's sound, by frames of 10 ms from its first sample on.

    The same numbers as of faster-whisper's `FeatureExtractor` (and openai/whisper's audio.py), but that sound before a
    window is used where they mirror the window's own. 32 kB a second with 80 bands.
    """

    def __init__(self, filters: Floats) -> None:
        """Take the mel filters, bands x 201, as `FeatureExtractor.mel_filters` has them."""
        self._filters = filters
        self._hann = np.hanning(FFT + 1)[:-1].astype(np.float32)
        # Before its first sample there was silence.
        self._tail: Floats = np.zeros(FFT // 2, np.float32)
        self._powers: Floats = np.zeros((len(filters), 0), np.float32)
        # Frames that were let go.
        self._gone = 0

    @property
    def frames(self) -> int:
        """How many frames there are, those that were let go included. The last 12 ms of sound are not in one yet."""
        return self._gone + len(self._powers[0])

    def take(self, samples: Floats) -> None:
        """Take more sound, -1 to 1."""
        sound = np.concatenate([self._tail, samples])
        count = max(0, (len(sound) - FFT) // HOP + 1)
        self._tail = sound[count * HOP :]
        if not count:
            return
        framed = np.lib.stride_tricks.sliding_window_view(sound, FFT)[: count * HOP : HOP] * self._hann
        spectrum = np.abs(np.fft.rfft(framed, axis=1)).astype(np.float32) ** 2
        self._powers = np.concatenate([self._powers, self._filters @ spectrum.T], axis=1)

    def forget(self, before: int) -> None:
        """Let go of the frames before this one."""
        count = max(0, before - self._gone)
        self._powers = self._powers[:, count:].copy()
        self._gone += count

    def features(self, first: int, last: int, *, width: int, gain: float = 1.0) -> Floats:
        """Give the model's input for the frames from `first` to before `last`: bands x width, the rest is silence.

        `gain`: by how much the sound's power is multiplied.
        """
        powers = self._powers[:, first - self._gone : last - self._gone]
        logs = np.log10(np.maximum(powers * np.float32(gain), 1e-10))
        floor = logs.max() - RANGE if logs.size else -RANGE
        features = np.full((len(powers), width), (floor + 4.0) / 4.0, np.float32)
        features[:, : powers.shape[1]] = (np.maximum(logs, floor) + 4.0) / 4.0
        return features
