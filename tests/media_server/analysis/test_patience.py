"""The silence threshold follows the speaker."""

import pytest

from media_server.analysis.patience import Patience


def test_it_starts_at_the_base() -> None:
    """Nothing is known of the speaker."""
    assert Patience(300, 600).threshold_ms == 300


def test_short_pauses_change_nothing() -> None:
    """A pause that fits into the threshold with 100 ms to spare is no reason to wait longer."""
    patience = Patience(300, 600)
    for _ in range(100):
        patience.resumed(200)
    assert patience.threshold_ms == 300


def test_long_pauses_make_it_grow_towards_the_ceiling() -> None:
    """Half the way to the pause and 100 ms, each time; never above the ceiling."""
    patience = Patience(300, 600)
    patience.resumed(400)
    assert patience.threshold_ms == 400
    patience.resumed(400)
    assert patience.threshold_ms == 450
    for _ in range(100):
        patience.resumed(599)
    assert patience.threshold_ms == pytest.approx(600)
    assert patience.threshold_ms <= 600


def test_true_ends_make_it_decay() -> None:
    """When silence was an end after all, patience goes back to the base, a quarter of the way each time."""
    patience = Patience(300, 600)
    patience.resumed(500)
    grown = patience.threshold_ms
    patience.resumed(2000)
    assert patience.threshold_ms == grown - 0.25 * (grown - 300)
    for _ in range(50):
        patience.resumed(2000)
    assert patience.threshold_ms == pytest.approx(300, abs=0.1)
