"""Sound that is taken for speech and says nothing: for machines without a voice."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
_SYLLABLE_S = 0.22
_CONSONANT_S = 0.05
# Hertz of the first three formants of [a], [i], [u], [e], [o], and how wide each is (Peterson and Barney, 1952).
_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
_WIDTHS = (80, 100, 140)
_PITCH_HZ = 120.0
_PEAK = 9_000

Wave = NDArray[np.float64]


def babble(seconds: float = 2.0, seed: int = 1) -> bytes:
    """Make syllables of a vowel behind a hiss, with a pitch that falls: 16 kHz mono s16le, the same for a seed."""
    chance = np.random.default_rng(seed)
    count = max(1, round(seconds / _SYLLABLE_S))
    pitch = np.linspace(1.15, 0.85, count) * _PITCH_HZ
    syllables = [_syllable(chance, float(pitch[number]), number) for number in range(count)]
    sound = np.concatenate(syllables)
    sound += chance.normal(0, 1e-3, len(sound))
    return bytes((sound / np.abs(sound).max() * _PEAK).astype("<i2").tobytes())


def _syllable(chance: np.random.Generator, pitch_hz: float, number: int) -> Wave:
    hiss = np.diff(chance.normal(0, 0.05, round(_CONSONANT_S * SAMPLE_RATE) + 1))
    vowel = _vowel(chance, pitch_hz, _VOWELS[int(chance.integers(len(_VOWELS)))], 1.0 if number % 3 else 1.4)
    return np.concatenate([hiss * np.hanning(len(hiss)), vowel])


def _vowel(chance: np.random.Generator, pitch_hz: float, formants: tuple[int, ...], stress: float) -> Wave:
    """Add up the harmonics of a voice, each as loud as throat and mouth let it be."""
    count = round((_SYLLABLE_S - _CONSONANT_S) * stress * SAMPLE_RATE)
    time_s = np.arange(count) / SAMPLE_RATE
    wobble = 1 + 0.02 * np.sin(2 * np.pi * 5 * time_s) + 0.005 * chance.normal(0, 1, count).cumsum() / np.sqrt(count)
    falling = np.linspace(1.05, 0.92, count)
    phase = 2 * np.pi * np.cumsum(pitch_hz * wobble * falling) / SAMPLE_RATE
    sound = np.zeros(count)
    for harmonic in range(1, int(3_800 / pitch_hz)):
        sound += _gain(harmonic * pitch_hz, formants) / harmonic * np.sin(harmonic * phase)
    rise = np.minimum(1, np.minimum(time_s / 0.02, (time_s[-1] - time_s) / 0.05))
    return np.asarray(sound * rise)


def _gain(hertz: float, formants: tuple[int, ...]) -> float:
    """Give how much a tract with these resonances lets through."""
    through = 1.0
    for formant, width in zip(formants, _WIDTHS, strict=True):
        through *= formant**2 / np.hypot(formant**2 - hertz**2, width * hertz)
    return float(through)
