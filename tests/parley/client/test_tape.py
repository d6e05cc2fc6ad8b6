"""The tape: what comes in is kept for a while, and each reader goes at its own pace."""

import asyncio

import pytest

from parley.client.errors import BrokenError
from parley.client.tape import Tape


async def collect(reading: object) -> list[int]:
    return [item async for item in reading]  # type: ignore[attr-defined]


async def test_every_reader_gets_everything() -> None:
    """Two readers, one of whom comes later, get the same items in order."""
    tape: Tape[int] = Tape(8)
    first = tape.read()
    tape.put(1)
    tape.put(2)
    second = tape.read()
    tape.end()
    assert await collect(first) == await collect(second) == [1, 2]


async def test_a_slow_reader_skips_what_is_gone() -> None:
    """A full tape lets the oldest go, and its reader knows how many."""
    tape: Tape[int] = Tape(3)
    reading = tape.read()
    for item in range(10):
        tape.put(item)
    tape.end()
    assert await collect(reading) == [7, 8, 9]
    assert reading.skipped == 7


async def test_a_reader_from_now_on_misses_what_was() -> None:
    """What came before is none of its business."""
    tape: Tape[int] = Tape(8)
    tape.put(1)
    reading = tape.read(from_now=True)
    tape.put(2)
    assert await anext(reading) == 2


async def test_a_reader_waits_for_news() -> None:
    """It is woken by the next item, once."""
    tape: Tape[int] = Tape(8)
    waiting = asyncio.create_task(anext(tape.read()))
    await asyncio.sleep(0)
    assert not waiting.done()
    tape.put(5)
    assert await waiting == 5


async def test_a_tape_that_ends_with_an_error_raises_it_behind_the_last_item() -> None:
    """Nothing that was there is lost; nothing comes after it."""
    tape: Tape[int] = Tape(8)
    tape.put(1)
    tape.end(BrokenError(1006))
    tape.put(2)
    tape.end()
    reading = tape.read()
    assert await anext(reading) == 1
    with pytest.raises(BrokenError):
        await anext(reading)
    assert (tape.ended, tape.count) == (True, 1)
