"""Dead letters from what failed."""

from typing import Any

import pytest

from pipeline.bus.bus import BusClosedError, Record
from pipeline.dead_letters import DeadLetterWriter, dead_letter
from pipeline.job import FailedBeforeError, Failure
from pipeline.messages import DeadLetter
from pipeline.messages.codec import decode, encode, headers
from pipeline.messages.unreadable import Unreadable
from pipeline.settings import WorkerSettings
from tests.fakes.brittle_bus import BrittleBus
from tests.pipeline.support import chunk, listening

FAILURE = Failure(ValueError("why"), 2, 1234)
SETTINGS = WorkerSettings(version="1.0")
WHOLE = [Record("audio.raw", "room/ann", one, headers(one), 3, 7 + at) for at, one in enumerate([chunk(0), chunk(100)])]


async def test_a_dead_letter_tells_what_failed_and_why_and_can_be_read_again() -> None:
    """Where it stood, the error, and every record whole."""
    letter = await dead_letter(FAILURE, WHOLE, stage="recognition", settings=SETTINGS)
    assert (letter.stage, letter.error, letter.message, letter.attempts) == ("recognition", "ValueError", "why", 2)
    assert (letter.original_topic, letter.original_partition, letter.original_offset) == ("audio.raw", 3, 7)
    assert (letter.key, letter.first_failed_at_ms, letter.worker_version) == ("room/ann", 1234, "1.0")
    assert (letter.utterance_id, letter.left_out_bytes) == ("u1", 0)
    assert [decode(value, letter.original_headers) for value in letter.records()] == [chunk(0), chunk(100)]


async def test_bytes_are_kept_as_they_were_on_the_wire() -> None:
    """Not as we would write them, and whether or not they can be read."""
    message = chunk(0)
    bad = Unreadable(record_key="room/ann", value=b"\xc1", why="text that is not UTF-8")
    for record, value in (
        (Record("audio.raw", "room/ann", message, {}, 0, 0, value=b"wire"), b"wire"),
        (Record("audio.raw", "room/ann", message, {}, 0, 0), encode(message)),
        (Record("audio.raw", "room/ann", bad, {}, 0, 0), b"\xc1"),
    ):
        assert (await dead_letter(FAILURE, [record], stage="recognition", settings=SETTINGS)).records() == (value,)


async def test_the_error_of_a_worker_that_is_gone_is_named() -> None:
    """Its own class would say nothing."""
    failure = Failure(FailedBeforeError("EngineCrashedError"), 1, 0)
    letter = await dead_letter(failure, WHOLE, stage="recognition", settings=WorkerSettings())
    assert (letter.error, letter.worker_version != "") == ("EngineCrashedError", True)


async def test_a_letter_that_the_bus_refuses_is_written_with_less() -> None:
    """That it failed is known in any case."""
    whole = [Record("audio.raw", "room/ann", chunk(0), {}, 3, 7)]
    async with BrittleBus() as bus, listening(bus) as heard:
        bus.most_bytes = 2_000
        await DeadLetterWriter("recognition", SETTINGS, bus.publish).write(FAILURE, whole)
        letter = await heard.until(DeadLetter)
    assert letter.compression == "zlib"
    assert sum(map(len, letter.originals)) <= 1_000


async def test_a_letter_that_cannot_be_written_at_all_stops_nobody(log_lines: list[Any]) -> None:
    """It is told in the log; a bus that closes is another matter."""
    async with BrittleBus() as bus:
        bus.most_bytes = -1
        writer = DeadLetterWriter("recognition", SETTINGS, bus.publish)
        await writer.write(FAILURE, WHOLE)
        assert [line["event"] for line in log_lines] == ["dead_letter_refused"] * 2
        bus.most_bytes = 1_000_000
        await bus.close()
        with pytest.raises(BusClosedError):
            await writer.write(FAILURE, WHOLE)
