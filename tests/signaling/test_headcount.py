"""How many of something there are."""

from signaling.headcount import Headcount


def test_each_has_so_many() -> None:
    """One more is refused, and others are none the worse for it."""
    count = Headcount(2)
    assert [count.enter("ada") for _ in range(3)] == [True, True, False]
    assert count.enter("bea")
    assert (count.of("ada"), count.of("bea"), count.of("carl"), count.in_all) == (2, 1, 0, 3)


def test_who_leaves_makes_room() -> None:
    """And who has nothing left is forgotten."""
    count = Headcount(1)
    assert count.enter("ada")
    count.leave("ada")
    assert len(count) == 0
    assert count.enter("ada")


def test_all_together_have_so_many() -> None:
    """Also those without a key, who have no limit of their own."""
    count = Headcount(2, 3)
    assert [count.enter(None) for _ in range(3)] == [True] * 3
    assert not count.enter(None)
    assert not count.enter("ada")
    count.leave(None)
    assert count.enter("ada")
    assert (count.in_all, count.of("ada")) == (3, 1)


def test_who_is_refused_is_not_counted() -> None:
    """Nor remembered."""
    count = Headcount(0)
    assert not count.enter("ada")
    assert (count.in_all, len(count)) == (0, 0)
