import numpy as np
import pytest

from pipeline.engines.tempo import Tempo

RATE = 32_000


def tone(seconds: float, hz: float = 220.0) -> bytes:
    return (8_000 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype("<i2").tobytes()


def through(tempo: Tempo, pcm: bytes) -> bytes:
    return b"".join(tempo.push(pcm[at : at + 6_000]) for at in range(0, len(pcm), 6_000)) + tempo.finish()


@pytest.mark.parametrize("speed", [1.1, 1.25, 0.8])
def test_speech_gets_shorter_by_its_speed(speed: float) -> None:
    """To a few milliseconds."""
    assert len(through(Tempo(RATE, speed), tone(3))) == pytest.approx(len(tone(3)) / speed, rel=0.01)


def test_the_pitch_stays() -> None:
    """Nobody sounds like a cartoon."""
    faster = np.frombuffer(through(Tempo(RATE, 1.25), tone(3)), "<i2")
    spectrum = np.abs(np.fft.rfft(faster[8_000:40_000]))
    assert np.argmax(spectrum) == pytest.approx(220, abs=2)
    assert np.abs(faster).max() == pytest.approx(8_000, rel=0.05)


def test_at_ones_own_pace_nothing_is_touched() -> None:
    """Sample by sample."""
    assert through(Tempo(RATE, 1.0), tone(0.3)) == tone(0.3)


def test_sound_comes_while_it_is_made() -> None:
    """Not only at the end."""
    tempo = Tempo(RATE, 1.25)
    assert sum(bool(tempo.push(tone(0.2))) for _ in range(10)) >= 8


@pytest.mark.parametrize("speed", [1.0, 1.25])
def test_nothing_stays_nothing(speed: float) -> None:
    """Empty pieces too."""
    tempo = Tempo(RATE, speed)
    assert tempo.push(b"") + tempo.finish() == b""


@pytest.mark.parametrize("speed", [0.0, -1.0, 1_000.0])
def test_impossible_speeds_are_brought_to_possible_ones(speed: float) -> None:
    """Rather fast than nothing."""
    assert through(Tempo(RATE, speed), tone(1))
