"""Deadlines."""

from pipeline.deadline import Deadline


def test_a_deadline_counts_from_the_end_of_the_sound() -> None:
    """And moves by what was already given out."""
    deadline = Deadline.after(10_000, 5_000, "live")
    assert deadline.left_s(12_000) == 3.0
    assert deadline.left_s(16_000) == -1.0
    assert deadline.left_s(16_000, ahead_ms=2_000) == 1.0


def test_what_is_not_live_or_of_unknown_age_has_none() -> None:
    """There is no hurry."""
    for deadline in (Deadline.after(10_000, 5_000, "replay"), Deadline.after(0, 5_000, "live")):
        assert deadline.left_s(10**13) is None
