"""Peaks below full scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.limiter import AHEAD_MS, CEILING, Limiter
from pipeline.engines.loudness import Sound

RATE = 16_000


def tone(level: float, milliseconds: int = 200) -> Sound:
    sound: Sound = level * np.sin(2 * np.pi * 200 * np.arange(RATE * milliseconds // 1000) / RATE)
    return sound


def limited(sound: Sound, step: int | None = None) -> Sound:
    limiter = Limiter(RATE)
    pieces = [
        limiter.push(sound[at : at + (step or max(1, len(sound)))])
        for at in range(0, len(sound), step or max(1, len(sound)))
    ]
    return np.concatenate([*pieces, limiter.finish()])


def test_what_is_below_the_ceiling_is_untouched() -> None:
    """Sample by sample."""
    sound = tone(0.85)
    assert np.array_equal(limited(sound), sound)


@pytest.mark.parametrize("level", [1.0, 2.0, 30.0])
def test_nothing_goes_above_the_ceiling(level: float) -> None:
    """However loud it is, at its beginning and its end as well."""
    assert np.abs(limited(tone(level))).max() <= CEILING + 1e-9


def test_a_single_peak_touches_only_what_is_around_it() -> None:
    """A few milliseconds; the rest is as it was."""
    sound = tone(0.5)
    sound[1_600] = 1.5
    out = limited(sound)
    near = RATE * AHEAD_MS // 1000 + 1
    assert np.array_equal(out[: 1_600 - near], sound[: 1_600 - near])
    assert np.array_equal(out[1_600 + near :], sound[1_600 + near :])
    assert out[1_600] == pytest.approx(CEILING)


def test_the_gain_never_jumps() -> None:
    """From one sample to the next it changes by no more than its window allows."""
    sound = np.full(3_000, 0.5)
    sound[1_000:1_500] = 3.0
    gains = limited(sound) / sound
    assert np.abs(np.diff(gains)).max() < 1.5 / (RATE * AHEAD_MS // 1000)


def test_sound_comes_out_while_it_goes_in() -> None:
    """Only the last few milliseconds wait."""
    assert len(Limiter(RATE).push(tone(0.5, 100))) == RATE * (100 - AHEAD_MS) // 1000


@given(st.lists(st.floats(-3, 3), max_size=600), st.integers(1, 200))
def test_cutting_the_stream_differently_changes_nothing(samples: list[float], step: int) -> None:
    """The same sound in pieces of any size gives the same result, of the same length."""
    sound = np.array(samples, dtype=float)
    whole = limited(sound)
    assert len(whole) == len(sound)
    assert np.allclose(limited(sound, step), whole)
