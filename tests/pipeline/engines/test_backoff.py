"""How long to wait before something is started again."""

import pytest

from pipeline.engines.backoff import Backoff


@pytest.fixture
def backoff() -> Backoff:
    return Backoff(first_s=0.5, most_s=4, settled_s=30)


def test_waits_grow_up_to_the_most(backoff: Backoff) -> None:
    """The first start is at once; each failure doubles the wait."""
    assert [backoff.after(0) for _ in range(7)] == [0, 0.5, 1, 2, 4, 4, 4]


def test_a_long_life_starts_anew(backoff: Backoff) -> None:
    """What was healthy for long enough is started again at once."""
    for _ in range(5):
        backoff.after(0)
    assert backoff.after(30) == 0
    assert backoff.after(29.9) == 0.5
