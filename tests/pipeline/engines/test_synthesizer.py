"""What every synthesizer promises; every file in the folder is put to it."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from pipeline.engines.engine import EngineError, UnsupportedLanguageError
from pipeline.engines.registry import EngineFile
from pipeline.engines.synthesizer import SynthesisRequest, Synthesizer
from pipeline.messages.language import normalise
from tests.pipeline.engines.contract import engine_of, engines_of, shared_engine

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLAUSE = "La casa es grande, y el jardín también."
NASTY = (
    "",
    "   ",
    "\0",
    "a\0b",
    "[[h@l@U]]",
    "<speak>x</speak>",
    "\ud800",
    "\x1b[31m",
    "...",
    "-v en",
    "--help",
    "😀",
    "&",
)


engine = shared_engine("synthesis")


def asked(engine: Synthesizer, text: str, seed: str = "anna", speed: float = 1.0) -> SynthesisRequest:
    language = min(engine.languages, key=lambda tag: (tag != "es", tag))
    return SynthesisRequest(text=text, language=language, voice_seed=seed, speed=speed)


async def say(engine: Synthesizer, text: str, seed: str = "anna", speed: float = 1.0) -> bytes:
    return b"".join([chunk async for chunk in engine.synthesize(asked(engine, text, seed, speed))])


def seconds(engine: Synthesizer, pcm: bytes) -> float:
    return len(pcm) / 2 / engine.sample_rate


async def test_languages_are_normalised(engine: Synthesizer) -> None:
    """Tags can be compared with everybody else's."""
    assert all(normalise(tag) == tag for tag in engine.languages)


async def test_a_clause_becomes_sound(engine: Synthesizer) -> None:
    """Of a length that a person would need, and loud enough to hear."""
    pcm = await say(engine, CLAUSE)
    assert 1 < seconds(engine, pcm) < 6
    assert np.abs(np.frombuffer(pcm, "<i2").astype(int)).max() > 3_000


async def test_sound_comes_in_pieces_while_it_is_made(engine: Synthesizer) -> None:
    """The first piece of a long text is short."""
    pieces = [len(chunk) async for chunk in engine.synthesize(asked(engine, CLAUSE * 5))]
    assert len(pieces) > 5
    assert max(pieces) < sum(pieces) / 5


async def test_nothing_becomes_nothing(engine: Synthesizer) -> None:
    """Empty text, and blanks, make no sound and no error."""
    assert await say(engine, "") == b""
    assert await say(engine, " \n ") == b""


@pytest.mark.parametrize("text", NASTY, ids=ascii)
async def test_whatever_is_said_breaks_nothing(engine: Synthesizer, text: str) -> None:
    """Text that means something to a program is text."""
    assert seconds(engine, await say(engine, text)) < 10


async def test_unknown_languages_are_refused(engine: Synthesizer) -> None:
    """By name."""
    with pytest.raises(UnsupportedLanguageError):
        await anext(aiter(engine.synthesize(SynthesisRequest(text="nuqneH", language="tlh", voice_seed=""))))


async def test_the_same_seed_has_the_same_voice(engine: Synthesizer) -> None:
    """Whoever somebody is, they sound like themselves; others sound like others."""
    anna, again, ben = [await say(engine, CLAUSE, seed) for seed in ("anna", "anna", "ben")]
    assert anna == again
    assert anna != ben


async def test_speed_makes_it_shorter(engine: Synthesizer) -> None:
    """A quarter faster takes about a fifth less time."""
    own, hurried = seconds(engine, await say(engine, CLAUSE)), seconds(engine, await say(engine, CLAUSE, speed=1.25))
    assert hurried == pytest.approx(own / 1.25, rel=0.1)


async def test_clauses_at_once_do_not_mix(engine: Synthesizer) -> None:
    """Each is spoken as if alone."""
    texts = [f"{CLAUSE} {n}" for n in range(4)]
    alone = [await say(engine, text) for text in texts]
    assert await asyncio.gather(*(say(engine, text) for text in texts)) == alone


async def test_closing_stops_it(engine: Synthesizer) -> None:
    """A listener who goes away after the first piece of an hour is not waited for."""
    sound = engine.synthesize(asked(engine, CLAUSE * 400))
    async with asyncio.timeout(5):
        assert await anext(aiter(sound))
        await sound.aclose()  # type: ignore[attr-defined]
    assert await say(engine, CLAUSE)


async def test_a_cancelled_clause_costs_only_itself(engine: Synthesizer) -> None:
    """The next one is spoken as ever."""
    expected = await say(engine, CLAUSE)
    cancelled = asyncio.create_task(say(engine, CLAUSE * 50))
    await asyncio.sleep(0.02)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert await say(engine, CLAUSE) == expected


async def test_a_very_long_text_is_spoken_or_refused(engine: Synthesizer) -> None:
    """In bounded time."""
    for times in (20, 10_000):
        try:
            assert seconds(engine, await say(engine, CLAUSE * times)) > times
        except EngineError:
            assert times > 100, "a monologue is not too long"


@pytest.mark.parametrize("file", engines_of("synthesis"))
async def test_ending_twice_is_harmless(file: EngineFile, tmp_path: Path) -> None:
    """The second time does nothing."""
    async with engine_of(file, tmp_path) as engine:
        await engine.__aexit__(None, None, None)
        await engine.__aexit__(None, None, None)
