"""Starting a program."""

import asyncio
import os
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from pipeline.engines.spawn import spawn


async def test_a_program_is_started() -> None:
    """With its pipes."""
    process = await spawn("cat", stdin=PIPE, stdout=PIPE)
    answer, _ = await process.communicate(b"hello")
    assert answer == b"hello"


async def test_a_program_that_is_not_there_is_an_error() -> None:
    """The name of it is in the error."""
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        await spawn("no-such-program")


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_leaves_nothing_running(turns: int, tmp_path: Path) -> None:
    """Wherever in the start it comes, the program is gone afterwards, and nobody waits for ever."""
    mark = tmp_path / "mark"
    starting = asyncio.create_task(spawn("sh", "-c", f"echo $$ > {mark}; exec sleep 600", stdin=PIPE, stdout=PIPE))
    for _ in range(turns):
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(starting, 10)
    if process := written(mark):
        with pytest.raises(ProcessLookupError):
            os.kill(int(process), 0)


def written(mark: Path) -> str:
    """Give what the program wrote, if it came as far as that."""
    return mark.read_text() if mark.exists() else ""
