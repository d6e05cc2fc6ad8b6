"""Numbers that never go backwards: not with the clock, nor with another node's."""

from media_server.sequence import MOST_AHEAD_MS, Sequence


def test_numbers_never_go_backwards() -> None:
    """Not when the clock does, nor within a millisecond; and a later process goes on above."""
    clock = iter([1000, 1000, 900, 5000, 5000])
    sequence = Sequence(lambda: next(clock))
    assert [sequence.next() for _ in range(5)] == [1000, 1001, 1002, 5000, 5001]


def test_a_node_whose_clock_is_behind_goes_on_above_the_one_before() -> None:
    """The floor that the earlier node left holds until the later one's clock has passed it."""
    earlier = Sequence(lambda: 9_000)
    number = earlier.next()
    clock = iter([2_000, 2_001, 2_002, 30_000])
    later = Sequence(lambda: next(clock))
    assert later.raise_to(earlier.last + 5_000)
    assert [later.next(), later.next(), later.next()] == [number + 5_001, number + 5_002, 30_000]


def test_a_floor_never_lowers_anything() -> None:
    """What is raised to less than was given changes nothing."""
    sequence = Sequence(lambda: 1_000, floor=4_000)
    assert sequence.raise_to(3_000)
    assert (sequence.last, sequence.next()) == (4_000, 4_001)


def test_a_floor_far_in_the_future_is_not_believed() -> None:
    """One wrong clock must not number this node's sound by its own time for ever."""
    sequence = Sequence(lambda: 1_000)
    assert not sequence.raise_to(1_001 + MOST_AHEAD_MS)
    assert sequence.next() == 1_000
