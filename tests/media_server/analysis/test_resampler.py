"""48 kHz to 16 kHz."""

from pathlib import Path

import av
import numpy as np
import pytest

from media_server.analysis.resampler import Resampler


def frames(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", size: int) -> list[av.AudioFrame]:
    cut = []
    for start in range(0, len(samples), size):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + size], format="s16", layout="mono")
        frame.sample_rate = 48_000
        cut.append(frame)
    return cut


def tone(hertz: float) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return (10_000 * np.sin(2 * np.pi * hertz * np.arange(48_000) / 48_000)).astype(np.int16)


@pytest.mark.parametrize("size", [120, 480, 960, 2400])
def test_a_second_stays_a_second(size: int) -> None:
    """As many samples come out as belong to what went in, from the first frame on."""
    resampler = Resampler()
    pieces = [resampler.resample([frame]) for frame in frames(tone(440), size)]
    assert sum(map(len, pieces)) == 32_000
    assert {len(piece) for piece in pieces[1:]} == {size // 3 * 2}


def test_speech_passes_and_what_would_alias_does_not() -> None:
    """1 kHz keeps its level; 15 kHz, which 16 kHz cannot carry, is gone."""
    low, high = (
        np.frombuffer(Resampler().resample(frames(tone(hertz), 960)), np.int16).astype(float)
        for hertz in (1000, 15_000)
    )
    assert np.sqrt(np.mean(low**2)) == pytest.approx(10_000 / 2**0.5, rel=0.02)
    assert np.sqrt(np.mean(high**2)) < 100


def test_it_starts_no_threads() -> None:
    """FFmpeg would start one for every core, for each speaker."""
    before = len(list(Path("/proc/self/task").iterdir()))
    resamplers = [Resampler() for _ in range(5)]
    assert len(list(Path("/proc/self/task").iterdir())) == before
    assert len(resamplers) == 5


def test_it_delays_by_a_millisecond() -> None:
    """The delay that the documentation states."""
    impulse = np.zeros(4800, np.int16)
    impulse[2400] = 30_000
    sound = np.frombuffer(Resampler().resample(frames(impulse, 960)), np.int16)
    assert abs(int(np.argmax(np.abs(sound))) - 800) <= 16
