"""One key's records on their way through a worker."""

from pipeline.bus.bus import Record
from pipeline.job import Failure
from pipeline.lane import Lane
from tests.pipeline.support import transcript


def record(offset: int, text: str = "", *, final: bool = False, utterance: str = "u1") -> Record:
    message = transcript(text or f"t{offset}", final=final, utterance=utterance)
    return Record("text.original", message.key, message, {}, 0, offset)


def never(newer: Record, older: Record) -> bool:
    return False


def drafts(newer: Record, older: Record) -> bool:
    return not older.message.is_final  # type: ignore[attr-defined]


def test_records_wait_in_order() -> None:
    """First come, first served."""
    lane = Lane("room/ann", 0)
    for offset in range(3):
        assert lane.offer(record(offset), never) == []
    assert [waiting.offset for waiting in lane.waiting] == [0, 1, 2]
    assert not lane.idle


def test_what_has_become_pointless_is_taken_out() -> None:
    """Finals stay, whatever comes after them."""
    lane = Lane("room/ann", 0)
    lane.offer(record(0, final=True), drafts)
    lane.offer(record(1), drafts)
    assert lane.offer(record(2), drafts) == [record(1)]
    assert [waiting.offset for waiting in lane.waiting] == [0, 2]


def test_records_of_an_open_utterance_are_kept_back() -> None:
    """They are released together when it is open no more."""
    lane = Lane("room/ann", 0)
    lane.held = [record(0, utterance="u0"), record(1), record(2)]
    assert lane.release("u1") == [record(0, utterance="u0")]
    assert lane.release("u1") == []
    assert lane.release(None) == [record(1), record(2)]


def test_a_failure_is_kept_until_its_utterance_has_ended() -> None:
    """Each utterance has its own."""
    lane, failure = Lane("room/ann", 0), Failure(ValueError(), 1, 0)
    lane.failures = {"u0": (record(0, utterance="u0"), failure), "u1": (record(1), failure)}
    assert lane.release_failures("u1") == [(record(0, utterance="u0"), failure)]
    assert lane.release_failures(None) == [(record(1), failure)]
    assert lane.release_failures(None) == []


def test_a_record_that_comes_after_all_puts_off_what_was_due_without_one() -> None:
    """A gap that has ended is no gap."""
    lane = Lane("room/ann", 0)
    lane.overdue = True
    lane.offer(record(0), never)
    assert not lane.overdue
