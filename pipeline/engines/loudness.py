"""How loud sound is to a listener, in LUFS, measured while it streams (ITU-R BS.1770-5, one channel)."""

import functools

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]
"""Mono samples, full scale 1.0."""

HOP_MS = 100
"""Milliseconds of sound that are weighted at once: the step between the standard's measuring blocks."""
BLOCK_HOPS = 4
"""Hops in a measuring block: 400 ms, so that blocks overlap by three quarters (BS.1770-5 annex 1)."""
OFFSET = -0.691
"""LUFS of a K-weighted mean square of 1 (annex 1, equation 2): full-scale sine at 997 Hz in one channel is -3.01."""
ABSOLUTE_GATE = -70.0
"""LUFS; a block below it is silence."""
RELATIVE_GATE = -10.0
"""LU below the loudness of what is no silence; a block below that is a pause."""
SILENT = 1e-12
"""A mean square below this is as good as nothing."""
LONGEST_HOPS = 600
"""Of sound that goes on for longer than this, one minute, only so much is measured: the newest."""

# The two filters of the K-weighting for any sample rate: annex 1 gives coefficients for 48 kHz only, these are the
# analogue prototypes that they were made of (hertz; quality factor; decibels), as EBU Tech 3341 meters take them.
_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1_681.974450955533, 0.7071752369554196, 3.999843853973347
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773
# How the shelf's gain is shared out between its band and its edge.
_SHELF_EXPONENT = 0.4996667741545416


class Loudness:
    """The gated loudness of one piece of speech so far.

    The weighting is done on the power spectrum of each hop, which costs a tenth of filtering the samples and differs
    from it by less than 0.1 LU for speech. A piece shorter than a block is measured over what there is of it.
    """

    def __init__(self, sample_rate: int) -> None:
        """`sample_rate` in hertz."""
        self.hop = sample_rate * HOP_MS // 1000
        self._weights = _weights(sample_rate, self.hop)
        # The K-weighted mean square of each hop, oldest first.
        self._hops: list[float] = []

    def add(self, hop: Sound) -> None:
        """Take the next samples: `self.hop` of them, or fewer at the end."""
        whole = len(hop) == self.hop
        weights = self._weights if whole else _weights(self.hop * 1000 // HOP_MS, len(hop))
        spectrum = np.abs(np.fft.rfft(hop)) ** 2
        self._hops.append(float(spectrum @ weights) / len(hop) ** 2)
        del self._hops[:-LONGEST_HOPS]

    @property
    def lufs(self) -> float | None:
        """The loudness; None if all of it is silence."""
        energies = np.array(self._hops)
        if len(energies) > BLOCK_HOPS:
            sums = np.concatenate(([0.0], np.cumsum(energies)))
            energies = (sums[BLOCK_HOPS:] - sums[:-BLOCK_HOPS]) / BLOCK_HOPS
        elif len(energies):
            loud = energies[energies > power(ABSOLUTE_GATE)]
            energies = np.array([loud.mean()]) if len(loud) else energies[:0]
        for gate in (ABSOLUTE_GATE, None):
            energies = energies[energies > (_relative(energies) if gate is None else power(gate))]
            if not len(energies):
                return None
        return lufs_of(float(energies.mean()))

    @property
    def loudest(self) -> float:
        """LUFS of its loudest hop; the absolute gate if all of it is silence."""
        return lufs_of(max(self._hops, default=power(ABSOLUTE_GATE)))

    def louder_s(self, lufs: float) -> float:
        """Count the seconds of it that are louder."""
        gate = power(lufs)
        return sum(energy > gate for energy in self._hops) * HOP_MS / 1000


def lufs_of(energy: float) -> float:
    """Turn a K-weighted mean square into LUFS."""
    return OFFSET + 10 * float(np.log10(max(energy, SILENT)))


def power(lufs: float) -> float:
    """Turn LUFS into a K-weighted mean square."""
    return float(10 ** ((lufs - OFFSET) / 10))


def _relative(energies: Sound) -> float:
    return float(energies.mean()) * 10 ** (RELATIVE_GATE / 10) if len(energies) else 0.0


@functools.lru_cache(maxsize=64)
def _weights(sample_rate: int, samples: int) -> Sound:
    """Give what each bin of `rfft` counts for: the K-weighting's power, and twice where the bin has a mirror image."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(samples))
    mirrored = np.full(len(z), 2.0)
    mirrored[0] = 1.0
    if samples % 2 == 0:
        mirrored[-1] = 1.0
    weighted: Sound = np.abs(_shelf(z, sample_rate) * _high_pass(z, sample_rate)) ** 2 * mirrored
    return weighted


def _shelf(z: NDArray[np.complex128], sample_rate: int) -> NDArray[np.complex128]:
    k = np.tan(np.pi * _SHELF_HZ / sample_rate)
    high = 10 ** (_SHELF_DB / 20)
    band = high**_SHELF_EXPONENT
    above = (high + band * k / _SHELF_Q + k * k) + 2 * (k * k - high) * z + (high - band * k / _SHELF_Q + k * k) * z * z
    below = (1 + k / _SHELF_Q + k * k) + 2 * (k * k - 1) * z + (1 - k / _SHELF_Q + k * k) * z * z
    response: NDArray[np.complex128] = above / below
    return response


def _high_pass(z: NDArray[np.complex128], sample_rate: int) -> NDArray[np.complex128]:
    k = np.tan(np.pi * _HIGH_PASS_HZ / sample_rate)
    edge = 1 + k / _HIGH_PASS_Q + k * k
    below = edge + 2 * (k * k - 1) * z + (1 - k / _HIGH_PASS_Q + k * k) * z * z
    # The standard leaves the numerator 1, -2, 1 as it is.
    response: NDArray[np.complex128] = (1 - z) ** 2 / (below / edge)
    return response
