"""How alike two stretches of sound are."""

import numpy as np
import pytest

from media_server.analysis.alike import LONGEST_LAG, most_alike
from media_server.analysis.spectrum import QUIETEST
from tests.media_server.analysis.test_echo import frames, speech

WINDOW = 75


@pytest.mark.parametrize("lag", [0, 7, LONGEST_LAG])
def test_the_lag_of_an_echo_is_found(lag: int) -> None:
    """However loud it is."""
    played = np.array(frames(speech(0)))[: WINDOW + LONGEST_LAG]
    begin = LONGEST_LAG - lag
    alike, found = most_alike(played[begin : begin + WINDOW] - 12.0, played)
    assert found == lag
    assert alike > 0.95


def test_other_words_are_not_alike() -> None:
    """Whichever lag is tried."""
    played = np.array(frames(speech(0)))[: WINDOW + LONGEST_LAG]
    heard = np.array(frames(speech(1)))[20 : 20 + WINDOW]
    assert most_alike(heard, played)[0] < 0.6


def test_silence_is_like_nothing() -> None:
    """That both are silent says nothing."""
    played = np.full((WINDOW + LONGEST_LAG, len(frames(speech(0))[0])), QUIETEST)
    assert most_alike(played[:WINDOW], played)[0] == 0.0
