"""Filling one stage with engines."""

from contextlib import AsyncExitStack
from typing import Any

import pytest

from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engine import EngineInfo, EngineUnavailableError
from pipeline.engines.hosted import HostedTranslator
from pipeline.engines.listing import ListedEngine
from pipeline.engines.registry import EngineFile
from pipeline.engines.settings import EngineSettings
from pipeline.engines.staffing import Staffing

Pairs = frozenset[tuple[str, str]]
EN_ES: Pairs = frozenset({("en", "es")})


def listed(name: str, quality: int, pairs: Pairs = EN_ES) -> ListedEngine:
    info = EngineInfo(name, "translation", "MIT", "MIT", "in process", False, 1, quality=quality)
    return ListedEngine(EngineFile("translation", name, f"tests.fakes.hosted.{name}"), info, pairs=pairs)


def staffing(
    setting: str = "auto", *, length: int = 1, processes: int = 1
) -> Staffing[tuple[str, str], HostedTranslator]:
    settings = EngineSettings(translation=setting, chain=ChainSettings(length=length))
    return Staffing("translation", setting, settings, processes, HostedTranslator)


async def test_the_chosen_engine_runs() -> None:
    """Only what was chosen is started."""
    stage = staffing()
    async with AsyncExitStack() as stack:
        await stage.fill(stack, [listed("shouter", 50), listed("stillborn", 10)])
        ((hosted,),) = stage.engines().values()
        assert hosted.info.name == "shouter"
        assert hosted.healthy
    assert not hosted.healthy


async def test_the_next_best_takes_over_where_one_does_not_start(log_lines: list[Any]) -> None:
    """With auto, a failure to start is told, and is no end."""
    stage = staffing()
    async with AsyncExitStack() as stack:
        await stage.fill(stack, [listed("unfit", 90), listed("shouter", 50)])
        assert [hosted.info.name for (hosted,) in stage.engines().values()] == ["shouter"]
        (choice,) = stage.choices
        assert "better: unfit: it did not start: the model is not there: fetch it (fetch it)" in str(choice)


async def test_a_named_engine_must_start() -> None:
    """Nobody falls back silently from what was asked for."""
    async with AsyncExitStack() as stack:
        with pytest.raises(EngineUnavailableError, match="the model is not there"):
            await staffing("unfit").fill(stack, [listed("unfit", 90), listed("shouter", 50)])


async def test_a_named_engine_that_does_not_start_has_its_place_taken(log_lines: list[Any]) -> None:
    """By the one that is named behind it; it is told."""
    stage = staffing("unfit, shouter")
    async with AsyncExitStack() as stack:
        await stage.fill(stack, [listed("unfit", 90), listed("shouter", 50)])
        assert [hosted.info.name for (hosted,) in stage.engines().values()] == ["shouter"]
    assert [line["engine"] for line in log_lines if line["event"] == "engine_did_not_start"] == ["unfit"]


async def test_who_stands_behind_runs_as_well() -> None:
    """In one process, since it may never be asked."""
    stage = staffing(length=2, processes=2)
    async with AsyncExitStack() as stack:
        await stage.fill(stack, [listed("shouter", 50), listed("tuned", 10), listed("stillborn", 5)])
        ((first, spare),) = stage.engines().values()
        assert (first.info.name, spare.info.name) == ("shouter", "tuned")
        assert (len(first.process_ids), len(spare.process_ids)) == (2, 1)
        again: Staffing[tuple[str, str], HostedTranslator] = Staffing(
            "translation", "tuned", EngineSettings(), 1, HostedTranslator, running=stage.running
        )
        await again.fill(stack, [listed("tuned", 10)])
        assert again.engines()["en", "es"] == (spare,), "what runs is not started twice"


async def test_engines_of_other_stages_are_not_looked_at() -> None:
    """A list of all engines may be given."""
    other = ListedEngine(EngineFile("synthesis", "hummer", "tests.fakes.hosted.hummer"))
    stage = staffing()
    async with AsyncExitStack() as stack:
        await stage.fill(stack, [other])
    assert stage.engines() == {}
    assert stage.choices == []
