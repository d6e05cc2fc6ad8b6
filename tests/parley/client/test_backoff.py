"""Pauses between tries: they grow to a limit, and chance only shortens them."""

from parley.client.backoff import Backoff, BackoffSettings


def test_pauses_grow_to_a_limit() -> None:
    """At once, then longer and longer, then as long as the longest."""
    backoff = Backoff(BackoffSettings(first_s=0.25, most_s=2.0, jitter=0.0))
    assert [backoff.pause_s() for _ in range(7)] == [0.0, 0.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_a_success_begins_anew() -> None:
    """The try after one that worked is made at once."""
    backoff = Backoff(BackoffSettings(jitter=0.0))
    for _ in range(5):
        backoff.pause_s()
    backoff.reset()
    assert backoff.pause_s() == 0.0


def test_chance_spreads_them() -> None:
    """A hundred clients do not all come back at the same moment, nor later than they should."""
    pauses = set()
    for _ in range(100):
        backoff = Backoff(BackoffSettings(first_s=1.0, jitter=0.5))
        backoff.pause_s()
        pauses.add(backoff.pause_s())
    assert len(pauses) > 50
    assert all(0.5 <= pause <= 1.0 for pause in pauses)
