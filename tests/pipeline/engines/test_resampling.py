"""Sound at another rate."""

import numpy as np
import pytest

from pipeline.engines.resampling import resampled


def tone(rate: int) -> bytes:
    return (9_000 * np.sin(2 * np.pi * 300 * np.arange(rate // 2) / rate)).astype("<i2").tobytes()


@pytest.mark.parametrize(("source", "target"), [(16_000, 22_050), (24_000, 22_050), (22_050, 16_000)])
def test_it_is_as_long_and_sounds_the_same(source: int, target: int) -> None:
    """The same tone for the same time."""
    sound = np.frombuffer(resampled(tone(source), source, target), "<i2")
    expected = np.frombuffer(tone(target), "<i2")
    assert len(sound) == pytest.approx(len(expected), abs=2)
    inside = slice(500, len(expected) - 500)
    assert np.abs(sound[inside].astype(int) - expected[inside]).max() < 500


def test_the_same_rate_and_nothing_are_left_alone() -> None:
    """Byte by byte."""
    assert resampled(tone(16_000), 16_000, 16_000) == tone(16_000)
    assert resampled(b"", 16_000, 48_000) == b""
