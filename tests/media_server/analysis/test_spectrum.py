"""How sound is spread over bands."""

import numpy as np
import pytest

from media_server.analysis.spectrum import BANDS, EDGES_HZ, QUIETEST, SILENCE, bands_of, together


def tone(hertz: float, peak: float = 1.0) -> bytes:
    return np.rint(32_767 * peak * np.sin(2 * np.pi * hertz * np.arange(320) / 16_000)).astype("<i2").tobytes()


@pytest.mark.parametrize("band", range(BANDS))
def test_a_tone_is_in_its_band_only(band: int) -> None:
    """With the level of its power; in the others there is next to nothing."""
    levels = bands_of(tone((EDGES_HZ[band] + EDGES_HZ[band + 1]) / 2))
    assert levels[band] == pytest.approx(-3, abs=1.5)
    assert max(np.delete(levels, band)) < -12


def test_half_as_much_is_six_decibels_less() -> None:
    """Levels are those of full scale."""
    assert bands_of(tone(1_000))[3] - bands_of(tone(1_000, 0.5))[3] == pytest.approx(6.02, abs=0.1)


def test_silence_has_a_level() -> None:
    """So that it can be reckoned with."""
    assert (bands_of(bytes(640)) == QUIETEST).all()


def test_sounds_together_are_louder_by_their_power() -> None:
    """Two alike by 3 dB; nothing beside one changes it, and nothing at all is silence."""
    one = bands_of(tone(1_000))
    assert together([one, one])[3] - one[3] == pytest.approx(3.01, abs=0.01)
    assert (together([one]) == one).all()
    assert (together([]) == SILENCE).all()
