"""Piper as a synthesizer: with a stand-in for its program, for faults and times. The contract runs the real one."""

import asyncio
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.engine import EngineCrashedError, EngineError, EngineUnavailableError
from pipeline.engines.options.piper import PiperOptions
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.synthesizers.piper import LONGEST_SENTENCE, SAMPLE_RATE, Engine
from tests.support import piper_stand_in
from tests.support.piper_voice import write_voice

Make = Callable[..., PiperOptions]
STAND_IN = [sys.executable, "-I", "-S", piper_stand_in.__file__]


@pytest.fixture
def options(tmp_path: Path) -> Make:
    """Give what makes options for a stand-in, and for voices that are only described."""

    def make(*words: str, voices: tuple[str, ...] = ("es_ES-a-medium",)) -> PiperOptions:
        for name in voices:
            write_voice(tmp_path, name, code=name[:5], sample_rate=16_000 if "low" in name else SAMPLE_RATE)
        return PiperOptions(folder=str(tmp_path), command=shlex.join([*STAND_IN, *words]))

    return make


def request(text: str, language: str = "es", seed: str = "anna") -> SynthesisRequest:
    return SynthesisRequest(text=text, language=language, voice_seed=seed)


async def say(engine: Engine, text: str, language: str = "es", seed: str = "anna") -> bytes:
    return b"".join([chunk async for chunk in engine.synthesize(request(text, language, seed))])


async def test_a_crash_costs_one_clause(options: Make) -> None:
    """The program is started again for the next."""
    async with Engine(options()) as engine:
        with pytest.raises(EngineCrashedError):
            await say(engine, "die.")
        assert await say(engine, "Hola a todos.")


async def test_the_first_sentence_sounds_before_the_second_is_spoken(options: Make) -> None:
    """Its time is one sentence's, not ten."""
    async with Engine(options("--slow-s", "0.15")) as engine:
        began = time.monotonic()
        sound = engine.synthesize(request("Hola. " * 10))
        await anext(aiter(sound))
        assert time.monotonic() - began < 0.6
        await sound.aclose()  # type: ignore[attr-defined]


async def test_a_voice_says_one_sentence_at_a_time_and_two_voices_two(options: Make) -> None:
    """Each model has a lock of its own."""
    voices = ("es_ES-a-medium", "en_US-b-medium")
    async with Engine(options("--slow-s", "0.8", voices=voices)) as engine:
        began = time.monotonic()
        await asyncio.gather(say(engine, "Hola"), say(engine, "Adiós"))
        one_after_the_other = time.monotonic() - began
        began = time.monotonic()
        await asyncio.gather(say(engine, "Hola"), say(engine, "Hello", "en"))
        side_by_side = time.monotonic() - began
    assert one_after_the_other > 1.6
    assert side_by_side < one_after_the_other - 0.2


async def test_a_voice_of_another_rate_is_brought_to_the_engines(options: Make) -> None:
    """As long as ever, and as high."""
    async with Engine(options(voices=("es_ES-a-low",))) as engine:
        sound = np.frombuffer(await say(engine, "0123456789."), "<i2")
    assert len(sound) / SAMPLE_RATE == pytest.approx(0.55, abs=0.01)
    crossings = np.count_nonzero(np.diff(np.signbit(sound)))
    assert crossings / 2 / 0.55 == pytest.approx(200, rel=0.05)


async def test_a_voice_that_cannot_speak_is_left_out(options: Make) -> None:
    """It is tried before anybody calls; the others serve."""
    async with Engine(options(voices=("es_ES-a-medium", "fr_FR-broken-medium"))) as engine:
        assert engine.languages == {"es", "es-ES"}
    with pytest.raises(EngineUnavailableError, match="none of Piper's voices"):
        await Engine(replace(options(), voices=("fr_FR-broken-medium",))).__aenter__()


async def test_one_that_was_ended_starts_nothing_again(options: Make) -> None:
    """Whoever asks then is told."""
    engine = Engine(options())
    async with engine:
        pass
    with pytest.raises(EngineError):
        await say(engine, "Hola.")


async def test_a_long_sentence_is_spoken_in_pieces(options: Make) -> None:
    """All of it, and no piece is longer than the program may be asked for."""
    async with Engine(options()) as engine:
        text = "palabra " * 50
        seconds = len(await say(engine, text)) / 2 / SAMPLE_RATE
    spoken = seconds / piper_stand_in.SECONDS_PER_LETTER
    assert len(text) - 2 * len(text) / LONGEST_SENTENCE - 2 <= spoken <= len(text)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    """Voices, the program, its packages: each with what to do."""
    with pytest.raises(EngineUnavailableError, match="no voice for Piper: `parley models pull"):
        Engine(PiperOptions(folder=str(tmp_path)))
    write_voice(tmp_path, "es_ES-a-medium")
    with pytest.raises(EngineUnavailableError, match="'/nowhere/python' is not installed"):
        Engine.check(PiperOptions(folder=str(tmp_path), command="/nowhere/python -m piper.http_server"))
    ours = shlex.join([sys.executable, "-m", "piper.http_server"])
    with pytest.raises(EngineUnavailableError, match=r"has no piper-tts\[http\]: install"):
        Engine.check(PiperOptions(folder=str(tmp_path), command=ours))
