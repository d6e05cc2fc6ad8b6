"""What dies is started again."""

import asyncio
from typing import Self

import pytest
from structlog.testing import capture_logs

from parley.supervisor import supervised
from tests.support.until import until


class Mortal:
    """Runs until it is told to die; counts its lives."""

    def __init__(self) -> None:
        self.starts = 0
        self.ends = 0
        self.refuses = False
        self._fate: asyncio.Future[None]

    def __call__(self) -> "Mortal":
        return self

    async def __aenter__(self) -> Self:
        if self.refuses:
            raise OSError("no such engine")
        self.starts += 1
        self._fate = asyncio.get_running_loop().create_future()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.ends += 1

    async def wait(self) -> None:
        await self._fate

    def die(self, error: Exception | None = None) -> None:
        if error is None:
            self._fate.set_result(None)
        else:
            self._fate.set_exception(error)


async def test_what_dies_is_started_again() -> None:
    """A crash is logged, and followed by a new life."""
    mortal = Mortal()
    with capture_logs() as logs:
        async with supervised(mortal, name="mortal", restart_s=0.01):
            mortal.die(RuntimeError("killed"))
            await until(lambda: mortal.starts == 2)
    assert [line["event"] for line in logs] == ["restarting"]
    assert mortal.ends == 2


async def test_what_cannot_be_started_again_at_once_is_tried_again() -> None:
    """A start that fails later costs another wait, not the supervision."""
    mortal = Mortal()
    with capture_logs() as logs:
        async with supervised(mortal, name="mortal", restart_s=0.01):
            mortal.refuses = True
            mortal.die(RuntimeError("killed"))
            await until(lambda: len(logs) >= 3)
            mortal.refuses = False
            await until(lambda: mortal.starts == 2)
    assert mortal.ends == 2


async def test_what_ends_by_itself_is_left_alone() -> None:
    """A worker whose bus closed has nothing more to do."""
    mortal = Mortal()
    async with supervised(mortal, name="mortal", restart_s=0.01):
        mortal.die()
        await until(lambda: mortal.ends == 1)
        await asyncio.sleep(0.05)
    assert mortal.starts == 1


async def test_a_first_start_that_fails_is_the_callers_to_hear_of() -> None:
    """Nothing is kept running that never ran."""
    mortal = Mortal()
    mortal.refuses = True
    with pytest.raises(OSError, match="no such engine"):
        async with supervised(mortal, name="mortal"):
            pass


async def test_the_end_of_the_block_ends_what_runs() -> None:
    """It is closed once."""
    mortal = Mortal()
    async with supervised(mortal, name="mortal"):
        assert (mortal.starts, mortal.ends) == (1, 0)
    assert mortal.ends == 1
