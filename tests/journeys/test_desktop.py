"""What this computer plays is typed into another program: real speech, engines, sound system and desktop."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.whole_system import whole_system
from tests.support.desktop import Desktop, TextWindow, desktop, text_window
from tests.support.pulse import Pulse, pulse
from tests.support.recordings import LIBRIVOX
from tests.support.until import until

pytestmark = [pytest.mark.journey, pytest.mark.soak]

# "He was not an ill disposed young man": 2.9 s.
SENTENCE = LIBRIVOX / "sense_and_sensibility_01_austen_64kb-0880.wav"
# For each step; each takes some seconds on a machine that has nothing else to do.
LIMIT_S = 40.0
ENGLISH, SPANISH = {"he", "was", "not", "young", "man"}, {"no", "hombre", "joven"}


@pytest.fixture
def sound() -> Iterator[Pulse]:
    with tempfile.TemporaryDirectory(prefix="pa-") as folder, pulse(Path(folder)) as made:
        yield made


@pytest.fixture
def screen() -> Iterator[Desktop]:
    with desktop() as made:
        yield made


@pytest.fixture
def field(screen: Desktop, tmp_path: Path) -> Iterator[TextWindow]:
    with text_window(screen, tmp_path / "field") as opened:
        yield opened


def words(text: str) -> set[str]:
    return set(text.lower().split())


async def recorded(sound: Pulse) -> None:
    """Wait until somebody records."""
    async with asyncio.timeout(LIMIT_S):
        while not await asyncio.to_thread(sound.control, "list", "short", "source-outputs"):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


@pytest.mark.timeout(240)
async def test_what_is_played_is_typed(sound: Pulse, screen: Desktop, field: TextWindow) -> None:
    """As it is said, and after a word in the terminal, in Spanish; sentence by sentence, with a space between."""
    async with whole_system() as system:
        await until(lambda: system.rooms.paths.can("en", "es"), LIMIT_S)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "parley", "type", system.url, "--system", "--speak", "en", "--interim-window"),
            env={**screen.environment, **sound.variables},
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        assert process.stdin is not None
        try:
            await recorded(sound)
            await asyncio.to_thread(sound.play, SENTENCE)
            await until(lambda: "man" in words(field.text), LIMIT_S)
            english = field.text
            process.stdin.write(b"read es\n")
            await asyncio.to_thread(sound.play, SENTENCE)
            await until(lambda: "joven" in words(field.text), LIMIT_S)
            await asyncio.to_thread(screen.keep, "dictation.png")
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    assert len(words(english) & ENGLISH) >= 4
    assert field.text.startswith(english + " ")
    assert words(field.text.removeprefix(english)) >= SPANISH
