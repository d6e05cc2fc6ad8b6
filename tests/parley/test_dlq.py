"""Finding dead letters, and taking them away."""

import pytest

from parley.dlq import KEPT_MS, Filter, entries, letters, purge
from pipeline.bus.memory import MemoryBus
from tests.fakes.letters import letter
from tests.fakes.virtual_time import EPOCH_MS

LETTERS = [
    letter(offset=1),
    letter(offset=2, stage="recognition", error="TimeLimitError"),
    letter(offset=3, original_key="hall/bob"),
    letter(offset=4, original_key="room/bob/es", stage="synthesis"),
]


async def filled(*more: object) -> MemoryBus:
    bus = MemoryBus()
    for one in (*LETTERS, *more):
        await bus.publish(one)  # type: ignore[arg-type]
    return bus


@pytest.mark.parametrize(
    ("which", "offsets"),
    [
        (Filter(), [1, 2, 3, 4]),
        (Filter(stage="recognition"), [2]),
        (Filter(room="room"), [1, 2, 4]),
        (Filter(room="hall"), [3]),
        (Filter(error="TimeLimitError"), [2]),
        (Filter(since_ms=EPOCH_MS + 3), [3, 4]),
        (Filter(until_ms=EPOCH_MS + 3), [1, 2]),
        (Filter(since_ms=EPOCH_MS + 2, until_ms=EPOCH_MS + 4, room="room"), [2]),
        (Filter(ids=(LETTERS[0].id, LETTERS[3].id)), [1, 4]),
        (Filter(ids=(LETTERS[0].id,), stage="synthesis"), []),
    ],
)
async def test_letters_are_found_by_what_they_say(which: Filter, offsets: list[int]) -> None:
    """All conditions together; the oldest failure first, from whichever partition."""
    async with await filled() as bus:
        assert [entry.original_offset for entry in await entries(bus, which)] == offsets


async def test_of_copies_the_newest_is_listed() -> None:
    """A worker that died before it could commit wrote the same letter once more."""
    async with await filled(letter(offset=1, attempts=6)) as bus:
        found = await entries(bus, Filter(ids=(LETTERS[0].id,)))
    assert [entry.attempts for entry in found] == [6]


async def test_purging_takes_away_what_is_meant_and_leaves_the_rest() -> None:
    """Copies go too; of copies that stay, one is left."""
    again = [letter(offset=2, stage="recognition", error="TimeLimitError"), letter(offset=1)]
    async with await filled(*again) as bus:
        stay = await purge(bus, {LETTERS[0].id}, EPOCH_MS)
        left = [one async for one, _ in letters(bus)]
    assert sorted(one.original_offset for one in left) == [2, 3, 4]
    assert stay <= 2
    assert LETTERS[0].id not in {one.id for one in left}


async def test_purging_nothing_changes_nothing() -> None:
    """No letter moves."""
    async with await filled() as bus:
        before = [place async for _, place in letters(bus)]
        assert await purge(bus, {"unknown"}, EPOCH_MS) == 0
        assert [place async for _, place in letters(bus)] == before


async def test_purging_keeps_nothing_longer_than_retention_would() -> None:
    """What is written anew begins its day anew; what had its day is not."""
    async with await filled(letter(offset=5)) as bus:
        assert await purge(bus, {letter(offset=5).id}, EPOCH_MS + KEPT_MS + 100) == 0


async def test_being_cut_off_while_purging_loses_nothing() -> None:
    """Copies are left, and the list passes over them."""

    class Breaks(MemoryBus):
        async def delete_before(self, topic: str, offsets: object) -> None:
            raise ConnectionError

    bus = Breaks()
    for one in LETTERS:
        await bus.publish(one)
    async with bus:
        with pytest.raises(ConnectionError):
            await purge(bus, {LETTERS[3].id, LETTERS[1].id}, EPOCH_MS)
        assert [entry.original_offset for entry in await entries(bus, Filter())] == [1, 2, 3, 4]


async def test_progress_is_told() -> None:
    """How many were written anew so far."""
    told: list[int] = []
    async with await filled(letter(offset=5)) as bus:
        stay = await purge(bus, {letter(offset=5).id}, EPOCH_MS, told.append)
    assert told == list(range(1, stay + 1))
    assert told
