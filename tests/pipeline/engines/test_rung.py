"""One engine's place in a chain."""

import asyncio
from typing import Any

import pytest

from pipeline.engines.breaker import Breaker
from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engine import (
    EngineBusyError,
    EngineCrashedError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.rung import MOST_HOLD_S, Rung, new_breaker
from tests.fakes.standing import StandingTranslator
from tests.fakes.virtual_time import virtual_time

SETTINGS = ChainSettings(failures=2, pause_first_s=2, refused_s=300)

TRANSIENT = [EngineError(), EngineCrashedError(), EngineTimeoutError(), EngineBusyError("all seats are taken")]


def rung(whole: Breaker | None = None, ability: tuple[str, str] = ("en", "es")) -> Rung[StandingTranslator]:
    return Rung(0, StandingTranslator("best"), whole or new_breaker(SETTINGS), ability, SETTINGS)


@pytest.mark.parametrize("error", TRANSIENT, ids=lambda error: error.kind)
@virtual_time
async def test_what_may_pass_counts(error: EngineError) -> None:
    """After two in a row it is left alone for a moment, then tried."""
    it = rung()
    it.begin().failed(error)
    assert it.admits()
    it.begin().failed(error)
    assert not it.admits()
    assert not it.held(), "it may be asked if there is nobody else"
    await asyncio.sleep(2)
    it.begin().succeeded()
    assert it.closed


@pytest.mark.parametrize(
    "error", [UnsupportedLanguageError("cy"), RequestTooLargeError()], ids=lambda error: error.kind
)
@virtual_time
async def test_what_was_not_for_it_says_nothing_of_it(error: EngineError) -> None:
    """However often it is asked."""
    it = rung()
    for _ in range(10):
        it.begin().failed(error)
    assert it.closed


@virtual_time
async def test_who_asks_to_be_left_alone_is_for_so_long() -> None:
    """In every language: it is the provider who asks."""
    whole = new_breaker(SETTINGS)
    one, other = rung(whole), rung(whole, ("en", "fr"))
    one.begin().failed(EngineBusyError("asked too often", 7))
    assert one.held()
    assert other.held()
    assert other.held_for_s() == 7
    await asyncio.sleep(7)
    assert not other.held()
    attempt = other.begin()
    assert not one.admits(), "somebody tries already"
    attempt.succeeded()
    assert one.closed


@virtual_time
async def test_nobody_is_left_alone_for_ever() -> None:
    """Whatever a provider says."""
    it = rung()
    it.begin().failed(EngineBusyError("", 1e9))
    assert it.held_for_s() == MOST_HOLD_S


@virtual_time
async def test_a_refusal_lasts_minutes() -> None:
    """A key does not become right by being tried."""
    whole = new_breaker(SETTINGS)
    rung(whole).begin().failed(EngineRefusedError("wrong key", "set another"))
    assert rung(whole, ("en", "fr")).held_for_s() == 300


@virtual_time
async def test_what_is_missing_is_missing_for_one_language() -> None:
    """The model of a pair says nothing about the others."""
    whole = new_breaker(SETTINGS)
    one, other = rung(whole), rung(whole, ("en", "fr"))
    one.begin().failed(EngineUnavailableError("no model", "fetch it"))
    assert not one.admits()
    assert other.closed


@virtual_time
async def test_a_trial_that_fails_otherwise_is_no_pardon() -> None:
    """The provider's pause is over, but the engine does not work either."""
    whole = new_breaker(SETTINGS)
    it = rung(whole)
    it.begin().failed(EngineBusyError("", 5))
    await asyncio.sleep(5)
    it.begin().failed(EngineError())
    assert it.held()


@virtual_time
async def test_an_engine_that_is_not_there_is_not_asked() -> None:
    """Its breakers know nothing of that."""
    it = rung()
    it.engine.fall()
    assert not it.admits()
    assert it.closed


@virtual_time
async def test_each_change_is_told_once(log_lines: list[Any]) -> None:
    """Left alone, with the reason; taken back."""
    it = rung()
    for _ in range(2):
        it.begin().failed(EngineTimeoutError())
    await asyncio.sleep(2)
    it.begin().failed(EngineTimeoutError())
    await asyncio.sleep(4)
    it.begin().succeeded()
    told = [(line["event"], line.get("why"), line["engine"], line["ability"]) for line in log_lines]
    assert told == [
        ("engine_left_alone", "timeout", "best", ("en", "es")),
        ("engine_taken_back", None, "best", ("en", "es")),
    ]
