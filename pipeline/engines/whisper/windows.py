"""The growing utterance, and the window of it that is worth decoding. No model, no clock."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.whisper.spectrogram import HOP, SAMPLE_RATE, Spectrogram
from pipeline.engines.whisper.speech import FRAME, QUIET, Probe

MS_PER_FRAME = 10
"""Places in the sound are counted in the spectrogram's frames."""
MARGIN = 20
"""Frames that are kept before and behind speech."""
LEAST_SPEECH = 3
"""Frames of the probe, 96 ms: with less speech in it, a window holds no word."""
LEVEL = 0.005
"""Mean power of speech, of 1, that quiet voices are brought to: -23 dB."""
MOST_GAIN = 100.0
"""Of power: 20 dB."""


class Window(NamedTuple):
    """A part of the utterance: the frames from `first` to before `last`."""

    first: int
    last: int

    @property
    def start_ms(self) -> int:
        return self.first * MS_PER_FRAME

    @property
    def end_ms(self) -> int:
        return self.last * MS_PER_FRAME

    @property
    def seconds(self) -> float:
        return (self.last - self.first) * MS_PER_FRAME / 1000


class GrowingSound:
    """One utterance's sound as the decoder needs it: spectrogram, and where there is speech. The sound is not kept."""

    def __init__(
        self, spectrogram: Spectrogram, probe: Probe, *, threshold: float = 0.5, normalize: bool = True
    ) -> None:
        """`threshold`: the probability from which on a frame is speech; `normalize`: make quiet voices louder."""
        self._spectrogram = spectrogram
        self._probe = probe
        self._threshold = threshold
        self._normalize = normalize
        self._odd = b""
        self._rest: NDArray[np.float32] = np.zeros(0, np.float32)
        # For each frame of the probe: whether it is speech, and its mean power.
        self._speech: list[bool] = []
        self._powers: list[float] = []
        # Where the window begins at the earliest, in frames of the spectrogram.
        self._begin = 0
        self._samples = 0

    @property
    def heard_ms(self) -> int:
        """How much sound came."""
        return self._samples * 1000 // SAMPLE_RATE

    def take(self, pcm: bytes) -> None:
        """Take more sound: 16 kHz mono s16le, any length. Blocks for about 0.4 ms for each 100 ms."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        pcm, self._odd = pcm[:whole], pcm[whole:]
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768)
        self._samples += len(samples)
        self._spectrogram.take(samples)
        self._rest = np.concatenate([self._rest, samples])
        count = len(self._rest) // FRAME
        if count:
            frames = self._rest[: count * FRAME].reshape(count, FRAME)
            self._rest = self._rest[count * FRAME :]
            powers = (frames**2).mean(axis=1)
            self._speech += ((self._probe(frames) >= self._threshold) & (powers >= QUIET**2)).tolist()
            self._powers += powers.tolist()

    def window(self, longest_s: float = 30.0) -> Window | None:
        """Give the part with speech in it, from where the sound is not let go yet; None if nobody spoke."""
        spoken = self._spoken(self._begin, self._spectrogram.frames)
        if len(spoken) < LEAST_SPEECH:
            return None
        first = max(self._begin, spoken[0] * FRAME // HOP - MARGIN)
        last = min(self._spectrogram.frames, (spoken[-1] + 1) * FRAME // HOP + MARGIN)
        return Window(first, min(last, first + round(longest_s * 1000) // MS_PER_FRAME))

    def features(self, window: Window, width: int) -> NDArray[np.float32]:
        """Give the model's input for a window: bands x width frames."""
        gain = 1.0
        spoken = self._spoken(window.first, window.last)
        if self._normalize and spoken:
            gain = float(np.clip(LEVEL / np.mean([self._powers[at] for at in spoken]), 1.0, MOST_GAIN))
        return self._spectrogram.features(window.first, window.last, width=width, gain=gain)

    def forget(self, before_ms: int) -> None:
        """Let the sound before this place go: no later window begins before it."""
        self._begin = min(max(self._begin, before_ms // MS_PER_FRAME), self._spectrogram.frames)
        self._spectrogram.forget(self._begin)

    def _spoken(self, first: int, last: int) -> list[int]:
        """Give the probe's frames with speech whose middle is within these frames of the spectrogram."""
        since, until = -(-first * HOP // FRAME), min(len(self._speech), -(-last * HOP // FRAME))
        return [at for at in range(since, until) if self._speech[at]]
