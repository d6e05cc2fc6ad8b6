"""Engines that stand behind each other."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY

from pipeline.engines.chain import Chain, in_time
from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    UnsupportedLanguageError,
)
from pipeline.engines.rung import Rung, new_breaker
from pipeline.engines.translator import TranslationRequest
from tests.fakes.standing import StandingTranslator
from tests.fakes.virtual_time import virtual_time

SETTINGS = ChainSettings(failures=2, pause_first_s=2)
HELLO = TranslationRequest(text="hello", source="en", target="es")


def chain(*engines: StandingTranslator, within_s: float = 3.0) -> Chain[StandingTranslator]:
    rungs = [Rung(place, engine, new_breaker(SETTINGS), ("en", "es"), SETTINGS) for place, engine in enumerate(engines)]
    return Chain(rungs, within_s)


def best(**options: Any) -> StandingTranslator:
    return StandingTranslator("best", phrases={("es", "hello"): "hola"}, **options)


def plain(**options: Any) -> StandingTranslator:
    return StandingTranslator("plain", **options)


async def translate(chain: Chain[StandingTranslator]) -> str:
    _, attempt, text = await chain.ask(lambda engine: engine.translate(HELLO))
    attempt.succeeded()
    return text


def fallbacks(why: str) -> float:
    labels = {"stage": "translation", "engine": "best", "why": why}
    return REGISTRY.get_sample_value("parley_engine_fallbacks_total", labels) or 0.0


@virtual_time
async def test_the_best_is_asked_as_long_as_it_answers() -> None:
    """The other one is not troubled."""
    second = plain()
    assert await translate(chain(best(), second)) == "hola"
    assert second.requests == []


@virtual_time
async def test_the_next_one_answers_the_same_request() -> None:
    """Nobody who waits notices; it is counted."""
    before = fallbacks("failed")
    it = chain(best(faults=[EngineError()]), plain())
    assert await translate(it) == "es(hello)"
    assert fallbacks("failed") == before + 1


@virtual_time
async def test_after_failures_in_a_row_it_is_passed_over_and_then_tried_by_one() -> None:
    """The others are served by the next one meanwhile; an answer to the one brings it back by itself."""
    first, second = best(faults=[EngineError(), EngineError()]), plain()
    it = chain(first, second)
    assert [await translate(it) for _ in range(3)] == ["es(hello)"] * 3
    assert len(first.requests) == 2
    assert it.serving.name == "plain"
    await asyncio.sleep(2)
    first.delays_s = {"es": 1.0}
    assert list(await asyncio.gather(translate(it), translate(it))) == ["hola", "es(hello)"]
    assert it.serving.name == "best"


@virtual_time
async def test_a_slow_one_leaves_time_for_the_next() -> None:
    """60 % of the time, and the next one answers within the rest."""
    it = chain(best(delays_s={"es": 60}), plain())
    async with asyncio.timeout(3):
        began = asyncio.get_running_loop().time()
        assert await translate(it) == "es(hello)"
    assert asyncio.get_running_loop().time() - began == pytest.approx(1.8)


@virtual_time
async def test_the_last_one_may_take_its_time() -> None:
    """There is nobody to leave any for."""
    assert await translate(chain(best(delays_s={"es": 60}))) == "hola"
    it = chain(best(faults=[EngineError()]), plain(delays_s={"es": 60}))
    assert await translate(it) == "es(hello)"


@virtual_time
async def test_each_of_three_gets_its_share() -> None:
    """Of what the ones before it left."""
    it = chain(best(delays_s={"es": 60}), plain(delays_s={"es": 60}), StandingTranslator("last"), within_s=10)
    began = asyncio.get_running_loop().time()
    await translate(it)
    assert asyncio.get_running_loop().time() - began == pytest.approx(6 + 2.4)


@virtual_time
async def test_a_process_that_is_being_started_again_is_not_waited_for() -> None:
    """If another one is there; otherwise it is."""
    first = best()
    first.healthy = False
    it = chain(first, plain())
    assert [rung.name for rung in it.candidates()] == ["plain", "best"]
    assert it.serving.name == "best", "it will be back at once"
    first.available = False
    assert [rung.name for rung in it.candidates()] == ["plain"]
    assert it.serving.name == "plain"


@virtual_time
async def test_if_all_have_failed_they_are_asked_all_the_same() -> None:
    """There is nobody else, and the next answer may be one."""
    first = best(faults=[EngineError()] * 5)
    it = chain(first)
    for _ in range(5):
        with pytest.raises(EngineError):
            await translate(it)
    assert await translate(it) == "hola"


@virtual_time
async def test_who_wants_to_be_left_alone_is_not_asked() -> None:
    """Even if there is nobody else: for a moment it is a matter of trying again, for minutes it is not."""
    first = best(faults=[EngineBusyError("too often", 5), EngineRefusedError("no credit", "pay")])
    it = chain(first)
    with pytest.raises(EngineBusyError, match="too often"):
        await translate(it)
    with pytest.raises(EngineBusyError, match="best: asked to be left alone") as busy:
        await translate(it)
    assert busy.value.retry_after_s == 5
    await asyncio.sleep(5)
    with pytest.raises(EngineRefusedError, match="no credit"):
        await translate(it)
    with pytest.raises(EngineUnavailableError, match="left alone for 300 s more"):
        await translate(it)
    assert len(first.requests) == 2


@virtual_time
async def test_an_error_that_may_pass_is_told_before_one_that_stays() -> None:
    """So that the same request is tried again."""
    it = chain(best(faults=[EngineTimeoutError("slow")]), plain(faults=[UnsupportedLanguageError("no")]))
    with pytest.raises(EngineTimeoutError, match="slow"):
        await translate(it)


@virtual_time
async def test_cancelling_blames_nobody() -> None:
    """And makes room for the next trial."""
    first = best(faults=[EngineError(), EngineError()])
    it = chain(first, plain())
    await translate(it)
    await translate(it)
    await asyncio.sleep(2)
    first.delays_s = {"es": 1.0}
    asking = asyncio.create_task(translate(it))
    await asyncio.sleep(0.1)
    asking.cancel()
    await asyncio.wait([asking])
    assert await translate(it) == "hola"


@virtual_time
async def test_one_may_be_avoided() -> None:
    """It comes last, although nothing is known against it."""
    it = chain(best(), plain())
    assert [rung.name for rung in it.candidates(avoid="best")] == ["plain", "best"]


@virtual_time
async def test_an_answer_in_time_is_an_answer() -> None:
    """One that is not is the engine's fault; a limit of somebody else's is not."""

    async def slow() -> str:
        await asyncio.sleep(2)
        return "late"

    assert await in_time(slow(), None, "it") == "late"
    with pytest.raises(EngineTimeoutError, match=r"it: no answer in 1\.0 s"):
        await in_time(slow(), 1.0, "it")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await in_time(slow(), 1.0, "it")
