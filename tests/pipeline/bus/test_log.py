"""The bounded log of a partition."""

from pipeline.bus.bus import Record
from pipeline.bus.log import PartitionLog
from tests.pipeline.support import chunk


def record(offset: int) -> Record:
    return Record("audio.raw", "key", chunk(), {}, 0, offset)


def test_a_full_log_gives_up_its_oldest_record() -> None:
    """First and next tell what is there."""
    log = PartitionLog(2)
    assert [log.append(record(offset)) for offset in range(4)] == [None, None, record(0), record(1)]
    assert (log.first, log.next) == (2, 4)
    assert [log.at(offset).offset for offset in (2, 3)] == [2, 3]


def test_what_is_old_and_done_is_dropped() -> None:
    """What is done but young, or old but not done, stays."""
    log = PartitionLog(10)
    for offset in range(4):
        log.append(record(offset), now=float(offset))
    log.expire(before=3.0, done=2)
    assert (log.first, log.next) == (2, 4)
    log.expire(before=2.0, done=4)
    assert log.first == 2
    log.expire(before=9.0, done=9)
    assert (log.first, log.next) == (4, 4)


def test_what_is_deleted_is_gone() -> None:
    """As far as there is anything; deleting again changes nothing."""
    log = PartitionLog(10)
    for offset in range(4):
        log.append(record(offset))
    log.drop_before(3)
    log.drop_before(1)
    assert (log.first, log.next, log.at(3).offset) == (3, 4, 3)
    log.drop_before(9)
    assert (log.first, log.next) == (4, 4)
