"""A tagger that forgets itself, and the fresh one in its place."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.engines.apertium.mode import Mode, installed_modes, modes_folder
from pipeline.engines.apertium.pipeline import Pipeline
from pipeline.engines.apertium.tagger import Tagger, forgets_itself
from pipeline.engines.engine import EngineCrashedError
from tests.support.until import until

# Numbers its answers, and complains of every "odd" one.
PROGRAM = """
import sys
n = 0
for line in iter(sys.stdin.readline, ""):
    n += 1
    if "odd" in line:
        print("I have changed", file=sys.stderr, flush=True)
    sys.stdout.write(f"{n} {line}")
    sys.stdout.flush()
"""


class Line:
    """A tagger between two pipes."""

    def __init__(self, tagger: Tagger, entrance: int, exit_: int) -> None:
        self.tagger = tagger
        self._entrance = entrance
        self._exit = exit_

    async def ask(self, text: str) -> str:
        os.write(self._entrance, text.encode() + b"\n")
        return (await asyncio.to_thread(os.read, self._exit, 1_000)).decode().strip()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    program = tmp_path / "tagger.py"
    program.write_text(PROGRAM)
    inside, entrance = os.pipe()
    exit_, outside = os.pipe()
    tagger = await Tagger.start((sys.executable, str(program)), inside, outside, dict(os.environ))
    os.close(inside)
    os.close(outside)
    yield Line(tagger, entrance, exit_)
    await tagger.close()
    for pipe in (entrance, exit_):
        os.close(pipe)


async def test_one_that_says_nothing_stays(line: Line) -> None:
    """It goes on counting."""
    assert await line.ask("even") == "1 even"
    assert not await line.tagger.refresh()
    assert await line.ask("even") == "2 even"


async def test_one_that_says_it_has_changed_is_replaced(line: Line) -> None:
    """The fresh one begins to count anew, between the same pipes."""
    assert await line.ask("odd") == "1 odd"
    assert await line.tagger.refresh()
    assert await line.ask("even") == "1 even"
    assert not await line.tagger.refresh()


async def test_its_end_is_seen_by_whoever_reads_from_it(line: Line) -> None:
    """No one waits for an answer that cannot come."""
    assert line.tagger._process is not None
    os.kill(line.tagger._process.pid, signal.SIGKILL)
    assert await asyncio.wait_for(asyncio.to_thread(os.read, line._exit, 10), 5) == b""
    assert not line.tagger.running
    assert not await line.tagger.refresh()


async def test_closing_twice_is_harmless(line: Line) -> None:
    """The second time does nothing."""
    await line.tagger.close()
    await line.tagger.close()
    assert not line.tagger.running


@pytest.mark.parametrize(
    ("command", "does"),
    [
        (("apertium-tagger", "-z", "-g", "eng-spa.prob"), True),
        (("apertium-tagger", "-z", "-gx", "eng-cat.prob"), False),
        (("apertium-tagger", "-z", "-g", "-x", "eng-cat.prob"), False),
        (("lt-proc", "-z", "-g", "eng-spa.autogen.bin"), False),
    ],
)
def test_only_the_older_kind_forgets_itself(command: tuple[str, ...], does: bool) -> None:
    """Perceptrons stay what they are, and other programs are no taggers."""
    assert forgets_itself(command) == does


# Spanish with a combination of tags that the tagger for Italian does not know, and a clause that it spoils.
SPOILER = "para ser bastante"
SPOILT = "Y mister john dashwood hubo entonces ocio para considerar cuánto"


@pytest.fixture
def italian() -> Mode:
    return next(mode for mode in installed_modes(modes_folder()) if mode.name == "spa-ita")


async def test_what_was_said_before_changes_nothing(italian: Mode) -> None:
    """The real tagger, which forgets itself: the clause after the spoiler is what it was before."""
    pipeline = Pipeline(italian)
    before = await pipeline.translate(SPOILT)
    await pipeline.translate(SPOILER)
    assert await pipeline.translate(SPOILT) == before
    await pipeline.close()


async def test_a_tagger_that_dies_is_noticed(italian: Mode) -> None:
    """At once, not at the time limit; the next clause has new programs."""
    pipeline = Pipeline(italian, limit_s=30)
    await pipeline.start()
    (tagger,) = pipeline._taggers
    assert tagger._process is not None
    os.kill(tagger._process.pid, signal.SIGSTOP)
    asking = asyncio.create_task(pipeline.translate("la casa"))
    await until(lambda: pipeline.busy)
    await asyncio.sleep(0.1)
    os.kill(tagger._process.pid, signal.SIGKILL)
    with pytest.raises(EngineCrashedError):
        await asyncio.wait_for(asking, 5)
    assert await pipeline.translate("la casa") == "la casa"
    await pipeline.close()
