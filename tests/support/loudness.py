"""Loudness as the standard says it (ITU-R BS.1770-5 annex 1, one channel): slow, whole, and for 48 kHz only.

It shares nothing with `pipeline.engines.loudness`: it filters the samples with the coefficients of the standard's
tables 1 and 2.
"""

import functools

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
BLOCK = SAMPLE_RATE * 400 // 1000
STEP = SAMPLE_RATE * 100 // 1000
SILENCE = -70.0

SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def measured_lufs(samples: NDArray[np.int16]) -> float:
    """Give the gated loudness of 48 kHz samples; `SILENCE` if no block passes the gate."""
    weighted = k_weighted(samples / 32_768.0)
    squares = np.concatenate(([0.0], np.cumsum(weighted**2)))
    starts = np.arange(0, max(1, len(weighted) - BLOCK + 1), STEP)
    ends = np.minimum(starts + BLOCK, len(weighted))
    energies = (squares[ends] - squares[starts]) / (ends - starts)
    audible = energies[lufs(energies) > SILENCE]
    if not len(audible):
        return SILENCE
    loud = audible[lufs(audible) > lufs(audible.mean()) - 10]
    return float(lufs(loud.mean()))


def lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(energy, 1e-12))


def k_weighted(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filter by convolving with the impulse response, in the frequency domain."""
    response = impulse_response()
    size = 1 << (len(sound) + len(response)).bit_length()
    filtered = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    return filtered[: len(sound)]


@functools.cache
def impulse_response() -> NDArray[np.float64]:
    """Run the two filters over a single one, sample by sample: a quarter of a second, by when it has died away."""
    response = [1.0] + [0.0] * (SAMPLE_RATE // 4)
    for b, a in (SHELF, HIGH_PASS):
        filtered: list[float] = []
        x1 = x2 = y1 = y2 = 0.0
        for x in response:
            y = b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2
            x1, x2, y1, y2 = x, x1, y, y1
            filtered.append(y)
        response = filtered
    return np.array(response)
