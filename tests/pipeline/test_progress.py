"""How far a worker may commit."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.bus.bus import Record
from pipeline.progress import Progress
from tests.pipeline.support import chunk

MESSAGE = chunk()


def record(offset: int, partition: int = 0) -> Record:
    return Record("audio.raw", "key", MESSAGE, {}, partition, offset)


@given(st.permutations(range(12)))
def test_a_commit_covers_all_that_is_done_and_nothing_that_is_not(order: list[int]) -> None:
    """In whatever order records are done."""
    progress, done, committed = Progress(), set[int](), -1
    for offset in range(12):
        progress.take(record(offset))
    for offset in order:
        done.add(offset)
        newest = progress.done(record(offset))
        committed = newest.offset if newest else committed
        assert committed == next(missing for missing in range(13) if missing not in done) - 1


def test_partitions_do_not_wait_for_each_other() -> None:
    """Each has its own order."""
    progress = Progress()
    progress.take(record(0, partition=0))
    progress.take(record(0, partition=1))
    assert progress.done(record(0, partition=1)) == record(0, partition=1)
    assert progress.partitions == {0, 1}


def test_a_record_that_was_taken_before_is_known() -> None:
    """Until its partition is forgotten; what is done after that says nothing."""
    progress = Progress()
    progress.take(record(5))
    assert [progress.seen(record(offset)) for offset in (4, 5, 6)] == [True, True, False]
    progress.forget(0)
    assert not progress.seen(record(5))
    assert progress.done(record(5)) is None
    assert progress.partitions == set()
