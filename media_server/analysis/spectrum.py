"""How sound is spread over bands of frequency: enough of it to tell whose it is."""

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.settings import FRAME_MS
from pipeline.messages.audio_chunk import SAMPLE_RATE

Bands = NDArray[np.float64]
"""dB below full scale in each band of a frame, shape (BANDS,)."""

EDGES_HZ = (200, 400, 600, 900, 1_300, 1_800, 2_500, 3_400, 5_000)
"""Where one band ends and the next begins: narrow where voices differ, and none where small speakers are silent."""
BANDS = len(EDGES_HZ) - 1
QUIETEST = -90.0
"""dB that stand for digital silence."""

_FRAME = SAMPLE_RATE * FRAME_MS // 1000
_WINDOW = np.hanning(_FRAME)
_EDGES = [int(np.ceil(edge * _FRAME / SAMPLE_RATE)) for edge in EDGES_HZ]
# So that all bands of a full-scale sine together have -3 dB: both halves of the spectrum, and what the window takes.
_SCALE = 2 / (_FRAME * float(np.dot(_WINDOW, _WINDOW)))
_SILENCE = 10 ** (QUIETEST / 10)

SILENCE: Bands = np.full(BANDS, QUIETEST)
"""A frame without sound."""


def bands_of(pcm: bytes) -> Bands:
    """Measure a frame of 20 ms, 16 kHz mono s16le. Costs some 15 µs."""
    frame = np.frombuffer(pcm, np.int16) * _WINDOW
    power = np.abs(np.fft.rfft(frame)) ** 2
    sums = np.add.reduceat(power, _EDGES)[:BANDS] * (_SCALE / 32_768**2)
    levels: Bands = 10 * np.log10(np.maximum(sums, _SILENCE))
    return levels


def together(sounds: "list[Bands]") -> Bands:
    """Add sounds that are heard at once."""
    if not sounds:
        return SILENCE
    if len(sounds) == 1:
        return sounds[0]
    powers = 10 ** (np.stack(sounds) / 10)
    levels: Bands = 10 * np.log10(powers.sum(axis=0))
    return levels
