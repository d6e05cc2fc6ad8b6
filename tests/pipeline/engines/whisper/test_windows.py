"""The window of a growing utterance that is worth decoding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engines.whisper.spectrogram import Spectrogram
from pipeline.engines.whisper.speech import anything
from pipeline.engines.whisper.windows import GrowingSound, Window

SECOND = 32_000


def growing(*, normalize: bool = False) -> GrowingSound:
    """Make one that takes whatever is not silent for speech, in one band that is simply the sound's power."""
    return GrowingSound(Spectrogram(np.ones((1, 201), np.float32)), anything, normalize=normalize)


def hum(seconds: float, level: int = 8_000) -> bytes:
    time = np.arange(round(16_000 * seconds)) / 16_000
    return (level * np.sin(2 * np.pi * 200 * time)).astype("<i2").tobytes()


def silence(seconds: float) -> bytes:
    return bytes(round(SECOND * seconds) // 2 * 2)


def test_silence_has_no_window() -> None:
    """Nor has a click."""
    sound = growing()
    assert sound.window() is None
    sound.take(silence(2) + hum(0.02) + silence(1))
    assert sound.window() is None
    assert sound.heard_ms == 3_020


def test_silence_before_and_behind_is_left_out() -> None:
    """But for 200 ms on each side, and the probe's 32 ms."""
    sound = growing()
    sound.take(silence(2) + hum(1) + silence(2))
    window = sound.window()
    assert window is not None
    assert 1_760 <= window.start_ms <= 1_800
    assert 3_200 <= window.end_ms <= 3_250


def test_trailing_silence_does_not_change_the_window() -> None:
    """So what was found before need not be decoded again."""
    sound = growing()
    sound.take(hum(1) + silence(0.5))
    before = sound.window()
    sound.take(silence(1))
    assert sound.window() == before


def test_a_window_begins_behind_what_was_let_go() -> None:
    """And not before it again, whatever comes."""
    sound = growing()
    sound.take(hum(3))
    sound.forget(2_000)
    sound.forget(1_000)
    assert sound.window() == Window(200, 299)
    sound.forget(60_000)
    assert sound.window() is None


def test_a_window_is_no_longer_than_asked() -> None:
    """The rest is for the next one."""
    sound = growing()
    sound.take(hum(3))
    window = sound.window(2.0)
    assert window is not None
    assert (window.first, window.seconds) == (0, 2.0)


def test_quiet_voices_are_made_louder() -> None:
    """To the same level as others, by 20 dB at most; loud ones stay."""

    def power(level: int, *, normalize: bool) -> float:
        sound = growing(normalize=normalize)
        sound.take(hum(1, level))
        window = sound.window()
        assert window is not None
        return float(sound.features(window, 100).max())

    assert power(800, normalize=True) == pytest.approx(power(1_600, normalize=True), abs=0.01)
    # A unit is four powers of ten.
    assert power(100, normalize=True) - power(100, normalize=False) == pytest.approx(0.5, abs=0.01)
    assert power(8_000, normalize=True) == power(8_000, normalize=False)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 700), max_size=12))
def test_the_pieces_do_not_matter(cuts: list[int]) -> None:
    """Nor do halves of samples."""
    pcm = silence(0.3) + hum(0.4) + silence(0.3)
    whole, pieces = growing(), growing()
    whole.take(pcm)
    ends = sorted(cut * len(pcm) // 700 for cut in cuts)
    for first, last in zip([0, *ends], [*ends, len(pcm)], strict=True):
        pieces.take(pcm[first:last])
    assert pieces.window() == whole.window()
    assert pieces.heard_ms == whole.heard_ms
