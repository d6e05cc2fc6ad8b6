"""What every translator promises; every file in the folder is put to it."""

import asyncio
from pathlib import Path

import pytest

from pipeline.engines.engine import EngineError, UnsupportedLanguageError
from pipeline.engines.registry import EngineFile
from pipeline.engines.translator import TranslationRequest, Translator
from pipeline.messages.language import hears, normalise
from tests.pipeline.engines.contract import engine_of, engines_of, shared_engine

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLAUSES = ("the house is big", "we will meet tomorrow at nine in the garden", "good morning", "thank you very much")
# Means something to one program or another, and nothing to a listener.
NASTY = (
    "",
    "   ",
    "\0",
    "a\0b",
    "^a<n>$ [b] {c} \\ @d #e *f /g",
    "\ud800",
    "\x1b[31m",
    "~",
    "[[",
    "-v",
    "<b>x</b>",
    "%s",
)


engine = shared_engine("translation")


def asked(engine: Translator, text: str) -> TranslationRequest:
    source, target = min(engine.pairs, key=lambda pair: (pair != ("en", "es"), pair))
    return TranslationRequest(text=text, source=source, target=target)


async def test_pairs_are_normalised_and_of_two_languages(engine: Translator) -> None:
    """Nobody is translated into what they speak."""
    for source, target in engine.pairs:
        assert (normalise(source), normalise(target)) == (source, target)
        assert not hears(source, target)


async def test_nothing_becomes_nothing(engine: Translator) -> None:
    """Empty text, and blanks, give empty text."""
    assert await engine.translate(asked(engine, "")) == ""
    assert await engine.translate(asked(engine, " \n ")) == ""


async def test_a_clause_becomes_another(engine: Translator) -> None:
    """The same every time, on one line, without blanks at its ends."""
    first, again = [await engine.translate(asked(engine, CLAUSES[0])) for _ in range(2)]
    assert first == again == " ".join(first.split())
    assert first != CLAUSES[0]
    assert first


@pytest.mark.parametrize("text", NASTY, ids=ascii)
async def test_whatever_is_said_breaks_nothing(engine: Translator, text: str) -> None:
    """Text that means something to a program is text; the clause after it is translated as ever."""
    await engine.translate(asked(engine, text))
    assert await engine.translate(asked(engine, CLAUSES[0])) == await engine.translate(asked(engine, CLAUSES[0]))


async def test_unknown_pairs_are_refused(engine: Translator) -> None:
    """By name."""
    with pytest.raises(UnsupportedLanguageError):
        await engine.translate(TranslationRequest(text="hello", source="en", target="tlh"))


async def test_clauses_at_once_do_not_mix(engine: Translator) -> None:
    """Each gets its own translation."""
    alone = [await engine.translate(asked(engine, clause)) for clause in CLAUSES]
    together = await asyncio.gather(*(engine.translate(asked(engine, clause)) for clause in CLAUSES))
    assert together == alone


async def test_a_cancelled_clause_costs_only_itself(engine: Translator) -> None:
    """The next one does not get its answer."""
    expected = await engine.translate(asked(engine, CLAUSES[1]))
    cancelled = asyncio.create_task(engine.translate(asked(engine, CLAUSES[0])))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await engine.translate(asked(engine, CLAUSES[1])) == expected


async def test_a_very_long_text_is_translated_or_refused(engine: Translator) -> None:
    """In bounded time, and the clause after it is translated as ever."""
    expected = await engine.translate(asked(engine, CLAUSES[0]))
    for words in (500, 100_000):
        try:
            assert len(await engine.translate(asked(engine, "the house " * words))) > 3 * words
        except EngineError:
            assert words > 1_000, "a monologue is not too long"
    assert await engine.translate(asked(engine, CLAUSES[0])) == expected


@pytest.mark.parametrize("file", engines_of("translation"))
async def test_ending_twice_is_harmless(file: EngineFile, tmp_path: Path) -> None:
    """Also when something was translated."""
    async with engine_of(file, tmp_path) as engine:
        await engine.translate(asked(engine, CLAUSES[0]))
        await engine.__aexit__(None, None, None)
