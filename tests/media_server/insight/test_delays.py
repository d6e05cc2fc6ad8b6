"""How late voices and captions are lately."""

import pytest

from media_server.insight.delays import LATELY_S, MAX_PAIRS, Delay, Delays

PAIR = ("en", "es")


def test_the_ear_counts_more_than_the_packet() -> None:
    """Where nobody says when they heard it, the first packet stands in."""
    delays = Delays()
    delays.sent(PAIR, 300, 0.0)
    delays.captioned(PAIR, 250, 0.0)
    assert delays.current(0.0) == {PAIR: Delay(300, 250)}
    delays.heard(PAIR, 420, 0.0)
    assert delays.current(0.0) == {PAIR: Delay(420, 250)}


def test_one_that_is_out_of_the_way_changes_little() -> None:
    """It is the median; nothing is negative."""
    delays = Delays()
    for took_ms in (400, 410, -20, 9_000, 405):
        delays.heard(PAIR, took_ms, 0.0)
    assert delays.current(0.0)[PAIR].voice_ms == 405


def test_what_is_old_is_forgotten() -> None:
    """With nothing new, nothing is known."""
    delays = Delays()
    delays.heard(PAIR, 400, 0.0)
    assert delays.current(LATELY_S + 1) == {}


def test_it_says_whether_anything_moved() -> None:
    """Since it was asked; nothing moves while nobody speaks."""
    delays = Delays()
    moved = [delays.moved]
    delays.captioned(PAIR, 1, 0.0)
    moved.append(delays.moved)
    delays.current(0.0)
    moved.append(delays.moved)
    assert moved == [False, True, False]


@pytest.mark.parametrize(
    ("before", "now", "differs"),
    [
        (Delay(400, None), Delay(440, None), False),
        (Delay(400, None), Delay(441, None), True),
        (Delay(2_000, None), Delay(2_051, None), True),
        (Delay(2_000, None), Delay(1_960, None), False),
        (Delay(100, None), Delay(None, None), True),
        (Delay(100, None), Delay(100, 200), True),
        (Delay(None, 200), Delay(None, 200), False),
    ],
)
def test_what_is_worth_telling(before: Delay, now: Delay, differs: bool) -> None:
    """A tenth, or 50 ms, or known and unknown."""
    assert now.differs(before) is differs


def test_pairs_are_bounded() -> None:
    """The oldest is forgotten."""
    delays = Delays()
    for number in range(MAX_PAIRS + 1):
        delays.heard((f"x{number}", "es"), 1, 0.0)
    assert len(delays.current(0.0)) == MAX_PAIRS
