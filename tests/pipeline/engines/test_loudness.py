"""Loudness while sound streams, beside a meter that does it as the standard says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines.loudness import ABSOLUTE_GATE, Loudness
from tests.support.loudness import SILENCE, measured_lufs
from tests.support.recordings import Recording

RATE = 48_000


def tone(dbfs: float, hertz: float = 997, seconds: float = 3.0, rate: int = RATE) -> NDArray[np.int16]:
    wave = np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)
    return np.rint(32_767 * 10 ** (dbfs / 20) * wave).astype(np.int16)


def streamed(samples: NDArray[np.int16], rate: int = RATE) -> Loudness:
    loudness = Loudness(rate)
    for at in range(0, len(samples), loudness.hop):
        loudness.add(samples[at : at + loudness.hop] / 32_768)
    return loudness


def test_the_independent_meter_reads_what_the_standard_says() -> None:
    """997 Hz at full scale in one channel is -3.01 LUFS, and at -23 dBFS 23 less; silence is gated (BS.1770-5)."""
    assert measured_lufs(tone(0)) == pytest.approx(-3.01, abs=0.02)
    assert measured_lufs(tone(-23)) == pytest.approx(-26.01, abs=0.02)
    assert measured_lufs(np.zeros(RATE, np.int16)) == SILENCE


def test_the_independent_meter_gates_pauses() -> None:
    """Of a loud and a much quieter stretch only the loud one counts (EBU Tech 3341, as its third case)."""
    both = np.concatenate((tone(-36, seconds=5), tone(-23, seconds=20), tone(-36, seconds=5)))
    assert measured_lufs(both) == pytest.approx(-26.01, abs=0.1)


@pytest.mark.parametrize("hertz", [60, 100, 400, 997, 2_000, 6_000, 10_000])
@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_a_tone_of_any_pitch_and_rate_is_as_loud_as_the_standard_says(hertz: float, rate: int) -> None:
    """The weighting is the same curve at each rate; near the highest pitch that a rate has they part a little."""
    if hertz > rate * 0.4:
        pytest.skip("this rate does not have it")
    expected = measured_lufs(tone(-20, hertz, 1.0))
    assert streamed(tone(-20, hertz, 1.0, rate), rate).lufs == pytest.approx(expected, abs=0.35)


def test_noise_is_as_loud_as_the_standard_says() -> None:
    """All frequencies at once."""
    noise = (np.random.default_rng(1).standard_normal(2 * RATE) * 3_000).astype(np.int16)
    assert streamed(noise).lufs == pytest.approx(measured_lufs(noise), abs=0.1)


def test_speech_is_as_loud_as_the_standard_says(recordings: tuple[Recording, ...]) -> None:
    """Real voices with their pauses."""
    for recording in recordings:
        at = np.arange(len(recording.samples) * 3) / 3
        speech = np.interp(at, np.arange(len(recording.samples)), recording.samples).astype(np.int16)
        assert streamed(speech).lufs == pytest.approx(measured_lufs(speech), abs=0.15)


def test_silence_has_no_loudness() -> None:
    """Neither nothing at all nor what nobody hears."""
    assert Loudness(RATE).lufs is None
    quiet = streamed(tone(-80))
    assert quiet.lufs is None
    assert quiet.louder_s(ABSOLUTE_GATE) == 0


def test_a_short_piece_has_one_as_well() -> None:
    """Shorter than a block, or than a hop."""
    for seconds in (0.03, 0.1, 0.25):
        assert streamed(tone(-20, seconds=seconds)).lufs == pytest.approx(-23.0, abs=0.4)


def test_it_tells_for_how_long_it_was_loud() -> None:
    """Pauses are not counted."""
    loudness = streamed(np.concatenate((tone(-20, seconds=1), np.zeros(RATE, np.int16), tone(-50, seconds=0.5))))
    assert (loudness.louder_s(ABSOLUTE_GATE), loudness.louder_s(-40)) == pytest.approx((1.5, 1.0))
    assert loudness.loudest == pytest.approx(-23.0, abs=0.1)
