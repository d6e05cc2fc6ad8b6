"""The log-mel spectrogram, grown piece by piece."""

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from pipeline.engines.whisper.spectrogram import RANGE, Floats, Spectrogram

EXTRACTOR = FeatureExtractor()


@pytest.fixture
def sound() -> Floats:
    return np.random.default_rng(1).normal(0, 0.1, 20_000).astype(np.float32)


def grown(sound: Floats, step: int = 1_600) -> Spectrogram:
    spectrogram = Spectrogram(EXTRACTOR.mel_filters)
    for at in range(0, len(sound), step):
        spectrogram.take(sound[at : at + step])
    return spectrogram


def test_it_is_that_of_faster_whisper(sound: Floats) -> None:
    """But for the first two frames, which are mirrored there and silent here, and the last, which are not full."""
    features = grown(sound).features(0, 124, width=124)
    expected = EXTRACTOR(sound)[:, :124]
    assert np.abs(features[:, 2:122] - expected[:, 2:122]).max() < 1e-3


@pytest.mark.parametrize("step", [1, 159, 160, 1_000, 20_000])
def test_the_pieces_do_not_matter(sound: Floats, step: int) -> None:
    """Down to single samples."""
    short = sound[: 2_000 if step == 1 else None]
    whole, pieces = grown(short, len(short)), grown(short, step)
    assert pieces.frames == whole.frames
    assert np.allclose(
        pieces.features(0, whole.frames, width=200), whole.features(0, whole.frames, width=200), atol=1e-4
    )


def test_the_rest_of_the_width_is_silence(sound: Floats) -> None:
    """Eight powers of ten below the loudest, as Whisper sees silence."""
    features = grown(sound).features(10, 50, width=100)
    assert np.all(features[:, 40:] == features.min())
    assert features.max() - features.min() == pytest.approx(RANGE / 4)


def test_louder_sound_is_a_shift(sound: Floats) -> None:
    """A hundred times the power is half a unit."""
    spectrogram = grown(sound)
    assert np.allclose(
        spectrogram.features(0, 50, width=50, gain=100.0), spectrogram.features(0, 50, width=50) + 0.5, atol=1e-5
    )


def test_what_is_let_go_is_not_counted_anew(sound: Floats) -> None:
    """Places stay what they were; letting go of less than before does nothing."""
    spectrogram = grown(sound)
    before, frames = spectrogram.features(60, 90, width=30), spectrogram.frames
    spectrogram.forget(60)
    spectrogram.forget(20)
    assert spectrogram.frames == frames
    assert np.array_equal(spectrogram.features(60, 90, width=30), before)


def test_nothing_is_silence() -> None:
    """Before any sound came."""
    assert np.unique(Spectrogram(EXTRACTOR.mel_filters).features(0, 0, width=3)).size == 1
