import numpy as np
import pytest

from pipeline.engines.silence import is_silent


def sound(level: float, samples: int = 1_600) -> bytes:
    return np.random.default_rng(1).normal(0, level, samples).astype("<i2").tobytes()


@pytest.mark.parametrize(("level", "silent"), [(0, True), (20, True), (300, False), (3_000, False)])
def test_a_room_is_silent_and_a_voice_is_not(level: float, silent: bool) -> None:
    """By its level."""
    assert is_silent(sound(level)) is silent


def test_a_short_word_in_a_long_silence_is_found() -> None:
    """20 ms are enough, at the very end too."""
    assert not is_silent(bytes(320_000) + sound(1_000, 330))


def test_no_sound_is_silent() -> None:
    """None at all."""
    assert is_silent(b"")
