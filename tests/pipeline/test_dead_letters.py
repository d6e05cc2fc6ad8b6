"""Dead letters."""

from pipeline.bus.bus import Record
from pipeline.dead_letters import dead_letter
from pipeline.job import Failure
from pipeline.messages.codec import decode, headers
from tests.pipeline.support import chunk


def test_a_dead_letter_tells_what_failed_and_why_and_can_be_read_again() -> None:
    """Where it stood, the error, and every record whole."""
    whole = [
        Record("audio.raw", "room/ann", one, headers(one), 3, 7 + at) for at, one in enumerate([chunk(0), chunk(100)])
    ]
    letter = dead_letter(whole[1], Failure(ValueError("why"), 2, 1234), whole, stage="recognition", version="1.0")
    assert (letter.stage, letter.error, letter.message, letter.attempts) == ("recognition", "ValueError", "why", 2)
    assert (letter.original_topic, letter.original_partition, letter.original_offset) == ("audio.raw", 3, 8)
    assert (letter.key, letter.first_failed_at_ms, letter.worker_version) == ("room/ann", 1234, "1.0")
    assert [decode(value, letter.original_headers) for value in letter.originals] == [chunk(0), chunk(100)]
