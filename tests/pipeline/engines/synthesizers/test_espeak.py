"""espeak-ng as a synthesizer."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from pipeline.engines.engine import EngineCrashedError, EngineTimeoutError, EngineUnavailableError
from pipeline.engines.spawn import spawn
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.synthesizers import espeak
from pipeline.engines.synthesizers.espeak import SAMPLE_RATE, Engine, command
from pipeline.engines.trimmer import Trimmer
from tests.support.recordings import Recording


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine() as engine:
        yield engine


def request(text: str, language: str = "es") -> SynthesisRequest:
    return SynthesisRequest(text=text, language=language, voice_seed="anna")


async def say(engine: Engine, text: str, language: str = "es") -> bytes:
    return b"".join([chunk async for chunk in engine.synthesize(request(text, language))])


def sounding_s(pcm: bytes) -> float:
    trimmer = Trimmer(SAMPLE_RATE)
    return (len(trimmer.push(np.frombuffer(pcm, "<i2"))) + len(trimmer.finish())) / SAMPLE_RATE


@pytest.mark.parametrize(("language", "mode"), [("es", "eng-spa"), ("ca", "eng-cat")])
async def test_a_translation_takes_no_longer_than_what_was_said(
    engine: Engine, recordings: tuple[Recording, ...], language: str, mode: str
) -> None:
    """Spanish and Catalan of real English sentences, each of them."""
    for recording in recordings:
        done = await asyncio.to_thread(
            subprocess.run, ["apertium", "-u", mode], input=recording.text, capture_output=True, text=True
        )
        loud = np.flatnonzero(abs(recording.samples.astype(int)) > 400)
        assert sounding_s(await say(engine, done.stdout, language)) <= (loud[-1] - loud[0]) / 16_000


async def test_the_text_is_not_on_the_command_line() -> None:
    """Nobody who lists processes reads what is said, and no text is an option."""
    assert not [word for word in command("es", request("--phonout=/tmp/secret")) if "secret" in word]


async def test_the_sound_is_that_of_the_program(engine: Engine) -> None:
    """The samples of the WAV file that the same command writes."""
    words = command("es", request(""))
    done = await asyncio.to_thread(subprocess.run, words, input="¿Cómo estás?".encode(), capture_output=True)
    assert await say(engine, "¿Cómo estás?") == done.stdout[44:]


async def test_a_program_that_fails_is_a_crash(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clause that was not spoken is not taken for spoken."""
    monkeypatch.setattr(espeak, "command", lambda *_: ["false"])
    with pytest.raises(EngineCrashedError):
        await say(engine, "hola")


async def test_a_program_that_gives_no_sound_is_ended(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bounded time."""
    monkeypatch.setattr(espeak, "command", lambda *_: ["sleep", "600"])
    monkeypatch.setattr(espeak, "STALL_LIMIT_S", 0.1)
    with pytest.raises(EngineTimeoutError):
        await say(engine, "hola")


async def test_only_so_many_programs_run_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes later waits, and is served."""
    running = most = 0

    async def counted(*words: str, **options: Any) -> asyncio.subprocess.Process:
        nonlocal running, most
        running += 1
        most = max(most, running)
        process = await spawn(*words, **options)
        running -= 1
        return process

    engine._turns = asyncio.Semaphore(2)
    monkeypatch.setattr(espeak, "spawn", counted)
    assert all(await asyncio.gather(*(say(engine, f"hola {n}") for n in range(8))))
    assert most <= 2


def test_a_machine_without_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program may be missing."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(EngineUnavailableError, match="'espeak-ng' is not installed: apt-get install espeak-ng"):
        Engine()
