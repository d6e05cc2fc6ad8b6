"""What a member has fetched and not given out yet."""

from pipeline.bus.bus import Record
from pipeline.bus.queues import Queues
from tests.pipeline.support import chunk


def records(partition: int, *offsets: int) -> list[Record]:
    return [Record("audio.raw", "key", chunk(), {}, partition, offset) for offset in offsets]


def queues(size: int = 10, **filled: int) -> Queues:
    """Give queues with so many records in each partition: p0=3."""
    result = Queues(size)
    for name, count in filled.items():
        result.put(int(name[1:]), records(int(name[1:]), *range(count)))
    return result


def given(filled: Queues) -> list[tuple[int, int]]:
    """Take all that is to be had: partition and offset."""
    return [(record.partition, record.offset) for record in iter(filled.take, None)]


def test_partitions_are_served_in_turn_and_each_in_order() -> None:
    """One that has much does not hold up one that has little."""
    assert given(queues(p0=3, p1=1)) == [(0, 0), (1, 0), (0, 1), (0, 2)]


def test_what_is_on_hold_is_passed_over_until_it_is_released() -> None:
    """And nothing of it is lost."""
    filled = queues(p0=1, p1=1)
    filled.hold(0)
    assert (given(filled), len(filled)) == ([(1, 0)], 1)
    filled.release(0)
    assert given(filled) == [(0, 0)]


def test_a_full_queue_is_full_until_half_of_it_was_taken() -> None:
    """So that fetching does not begin and end with every record."""
    filled = queues(4, p0=4)
    assert filled.full == {0}
    filled.take()
    assert filled.full == {0}
    filled.take()
    assert filled.full == set()


def test_partitions_that_have_gone_take_everything_with_them() -> None:
    """Their records, and that they were full or on hold."""
    filled = queues(2, p0=2, p1=2)
    filled.hold(0)
    filled.keep_only({1})
    assert (given(filled), filled.full) == ([(1, 0), (1, 1)], set())
    filled.put(0, records(0, 7))
    assert given(filled) == [(0, 7)]
