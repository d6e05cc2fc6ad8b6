"""An utterance judged when it is over."""

import numpy as np
from numpy.typing import NDArray

from media_server.analysis.alike import LONGEST_LAG
from media_server.analysis.hindsight import BLOCK, Hindsight
from media_server.analysis.spectrum import QUIETEST, Bands
from tests.media_server.analysis.test_echo import Sound, frames, noise, speech

BACKGROUND = -62.0
EVERY = 5
Rows = NDArray[np.float64]


def rows(sound: Sound) -> Rows:
    return np.array(frames(sound))


def broken(played: Rows, lags: tuple[int, ...]) -> Rows:
    """Give an echo at -12 dB that changes its lag every second, as browsers do where sound is short."""
    echo = np.full_like(played, -65.0)
    for at in range(len(played)):
        lag = lags[at // 50 % len(lags)]
        if at >= lag:
            echo[at] = np.maximum(played[at - lag] - 12.0, -65.0)
    return echo


def judged(heard: Rows, played: Rows, gain: Bands | None) -> bool:
    """Let it look at all of an utterance, ten times a second, and say what it was."""
    hindsight = Hindsight()
    background = np.full(played.shape[1], BACKGROUND)
    before = np.full((BLOCK + LONGEST_LAG, played.shape[1]), QUIETEST)
    sent = np.vstack((before, played))
    for end in range(EVERY, len(heard) + 1, EVERY):
        hindsight.let_pass(EVERY)
        if end >= BLOCK:
            hindsight.look(heard[:end], sent[: len(before) + end], background, gain)
    return hindsight.was_echo(heard, sent, background, gain)


def known(played: Rows) -> Bands:
    return np.full(played.shape[1], -12.0)


def test_an_echo_is_one_whatever_its_lag_does() -> None:
    """Though it changes faster than a guard for one lag can follow; and before it is known how loud echoes are."""
    played = rows(speech(0))[:200]
    assert judged(broken(played, (8, 20, 45)), played, known(played))
    assert judged(broken(played, (8,)), played, None)


def test_somebody_who_speaks_meanwhile_is_no_echo() -> None:
    """Alone, and over an echo."""
    played = rows(speech(0))[:150]
    own = rows(speech(1) + noise(len(speech(1))))[:150]
    assert not judged(own, played, known(played))
    assert not judged(np.maximum(own, broken(played, (8,))), played, known(played))
    assert not judged(own, played, None)


def test_where_nothing_is_played_nothing_is_an_echo() -> None:
    """Nor where nothing is heard."""
    silent = np.full_like(rows(speech(0))[:150], QUIETEST)
    assert not judged(rows(speech(1))[:150], silent, None)
    assert not judged(silent, rows(speech(0))[:150], None)
