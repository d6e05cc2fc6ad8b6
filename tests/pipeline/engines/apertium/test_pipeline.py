"""A chain of programs that keeps running."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines.apertium.mode import Mode
from pipeline.engines.apertium.pipeline import Pipeline
from pipeline.engines.engine import EngineCrashedError, EngineTimeoutError, EngineUnavailableError
from tests.support.until import until

# Reads requests up to NUL: "die" ends it, after a NUL as Apertium's programs write at the end of their input; "hang" is
# never answered; anything else comes back in capitals.
PROGRAM = """
import sys, time
request = b""
while byte := sys.stdin.buffer.read(1):
    request += byte
    if byte == b"\\0":
        if request.startswith(b"die"):
            sys.stdout.buffer.write(b"\\0")
            sys.exit(1)
        if request.startswith(b"hang"):
            time.sleep(600)
        sys.stdout.buffer.write(request.upper())
        sys.stdout.buffer.flush()
        request = b""
"""


@pytest.fixture
def mode(tmp_path: Path) -> Mode:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    return Mode("en-xx", "en", "xx", ((sys.executable, str(program)), ("cat",)))


@pytest.fixture
async def pipeline(mode: Mode) -> AsyncIterator[Pipeline]:
    pipeline = Pipeline(mode, limit_s=10)
    yield pipeline
    await pipeline.close()


def processes(pipeline: Pipeline) -> list[int]:
    return [program.pid for program in pipeline._programs]


async def test_requests_are_answered_by_the_same_programs(pipeline: Pipeline) -> None:
    """Nothing is started until the first, and nothing anew for the second."""
    assert not pipeline.running
    assert await pipeline.translate("one") == "ONE"
    first = processes(pipeline)
    assert await pipeline.translate("two") == "TWO"
    assert processes(pipeline) == first


async def test_requests_wait_for_each_other(pipeline: Pipeline) -> None:
    """Each gets its own answer."""
    texts = [f"text {n}" for n in range(20)]
    assert await asyncio.gather(*(pipeline.translate(text) for text in texts)) == [text.upper() for text in texts]


async def test_an_answer_that_nobody_waits_for_is_not_given_to_another(pipeline: Pipeline) -> None:
    """A cancelled request is taken to its end, and the next gets its own answer."""
    await pipeline.start()
    first = asyncio.create_task(pipeline.translate("one"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    assert await pipeline.translate("two") == "TWO"


async def test_a_program_that_dies_fails_one_request(pipeline: Pipeline, log_lines: list[Any]) -> None:
    """The next one starts them again."""
    await pipeline.start()
    before = processes(pipeline)
    with pytest.raises(EngineCrashedError):
        await pipeline.translate("die")
    assert await pipeline.translate("two") == "TWO"
    assert not set(before) & set(processes(pipeline))


async def test_a_program_that_dies_between_requests_costs_none(pipeline: Pipeline) -> None:
    """It is seen before the next one."""
    await pipeline.start()
    os.kill(processes(pipeline)[1], signal.SIGKILL)
    await until(lambda: not pipeline.running)
    assert await pipeline.translate("two") == "TWO"


async def test_a_program_that_hangs_is_ended(mode: Mode) -> None:
    """The request fails in time, its processes go, and the next one gets new ones."""
    pipeline = Pipeline(mode, limit_s=0.5)
    await pipeline.start()
    before = processes(pipeline)
    with pytest.raises(EngineTimeoutError):
        await pipeline.translate("hang")
    for process in before:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    await pipeline.start()
    assert await pipeline.translate("two") == "TWO"
    await pipeline.close()


async def test_closing_ends_all_programs_for_good(pipeline: Pipeline) -> None:
    """Also while a request waits; twice is harmless."""
    await pipeline.start()
    before = processes(pipeline)
    waiting = asyncio.create_task(pipeline.translate("hang"))
    await asyncio.sleep(0)
    await asyncio.gather(pipeline.close(), pipeline.close())
    with pytest.raises(EngineCrashedError):
        await waiting
    for process in before:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    with pytest.raises(EngineCrashedError):
        await pipeline.translate("two")


async def test_a_missing_program_is_unavailability(mode: Mode) -> None:
    """Those that could be started are ended again."""
    pipeline = Pipeline(mode._replace(commands=(("cat",), ("no-such-program",))))
    with pytest.raises(EngineUnavailableError, match="no-such-program"):
        await pipeline.translate("one")
    assert not pipeline.running
    await pipeline.close()


async def test_a_long_text_does_not_fill_the_pipes(pipeline: Pipeline) -> None:
    """Programs that write while they read are read while they are written to."""
    text = "house " * 20_000
    assert await pipeline.translate(text) == text.upper()
