"""In a running room the first engine of every stage fails: the next one goes on at once, and is told of."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines import engines as module
from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engines import Engines
from pipeline.engines.listing import ListedEngine, list_engines
from pipeline.engines.registry import EngineFile
from pipeline.engines.settings import EngineSettings
from pipeline.messages.worker_status import Stage
from tests.fakes.hosted import fickle, fickle_ears, fickle_tongue, fickle_voice
from tests.journeys.company import company
from tests.journeys.overheard import overhearing, voices
from tests.journeys.whole_system import whole_system
from tests.support.caller import Caller, as_sent
from tests.support.recordings import Recording
from tests.support.until import until

pytestmark = pytest.mark.journey

PAUSE_S = 0.5
# From the beginning of the sentence: two or three words.
BREAK_S = 0.8
SETTINGS = EngineSettings(chain=ChainSettings(failures=1, pause_first_s=PAUSE_S))

# What Ben, who hears Ann's English in Spanish, is told of; Ann only reads.
FOR_BEN = {("recognition", ("en",)), ("translation", ("en", "es")), ("synthesis", ("es",))}
FOR_ANN = {("recognition", ("en",))}


def with_fickle(stage: Stage, settings: EngineSettings) -> tuple[ListedEngine, ...]:
    """List the engines of this machine, and before them one that fails when it is told to."""
    engines: dict[Stage, Any] = {"recognition": fickle_ears, "translation": fickle_tongue, "synthesis": fickle_voice}
    file = EngineFile(stage, engines[stage].Engine.info.name, engines[stage].__name__)
    engine = file.load()
    able = {name: getattr(engine, name) for name in ("languages", "pairs") if hasattr(engine, name)}
    return (ListedEngine(file, engine.info, **able), *list_engines(stage, settings))


def told(caller: Caller, code: str) -> set[tuple[str, tuple[str, ...]]]:
    """Give what somebody was told of engines, each thing once."""
    notices = [(each["stage"], tuple(each["languages"])) for each in caller.events("notice") if each["code"] == code]
    assert len(notices) == len(set(notices))
    return set(notices)


def serving(engines: Engines) -> list[str]:
    return [
        engines.transcriber.serving("en"),
        engines.translator.serving(("en", "es")),
        engines.voicer.serving("es"),
    ]


async def say(ann: Caller, recording: Recording, *, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Let Ann say a sentence; something happens in the middle of it."""
    ann.microphone.play(await asyncio.to_thread(as_sent, recording.samples))
    await asyncio.sleep(BREAK_S)
    meanwhile()
    await asyncio.sleep(recording.duration_s - BREAK_S + 0.7)


async def test_the_next_engine_goes_on_and_the_first_comes_back(
    recordings: tuple[Recording, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ben hears every clause in Spanish, whole; the pages say so, and that it is over, by themselves."""
    broken = tmp_path / "broken"
    monkeypatch.setenv(fickle.VARIABLE, str(broken))
    monkeypatch.setattr(module, "list_engines", with_fickle)
    async with AsyncExitStack() as stack:
        engines = await stack.enter_async_context(Engines.start(SETTINGS))
        system = await stack.enter_async_context(whole_system(engines))
        overheard = await stack.enter_async_context(overhearing(system))
        ann, ben = await stack.enter_async_context(company(system.url, "ladder", Ann="en", Ben="es"))
        before = serving(engines)
        await say(ann, recordings[4], meanwhile=broken.touch)
        await until(lambda: told(ben, "engine_changed") == FOR_BEN)
        meanwhile = serving(engines)
        broken.unlink()
        await asyncio.sleep(PAUSE_S)
        await say(ann, recordings[1])
        await until(lambda: told(ben, "engine_restored") == FOR_BEN)
        after = serving(engines)
        await overheard.settled()
        await asyncio.sleep(0.2)

    assert before == after == ["fickle_ears", "fickle_tongue", "fickle_voice"]
    assert meanwhile == ["pocketsphinx", "apertium", "espeak"]
    assert (told(ann, "engine_changed"), told(ann, "engine_restored")) == (FOR_ANN, FOR_ANN)
    assert {each["code"] for each in ben.events("notice")} == {"engine_changed", "engine_restored"}
    # Nobody heard silence: each clause has a voice, and that was heard whole; the original was never needed.
    clauses = overheard.clauses(ann.participant_id)
    assert len(voices(overheard, ann, ben, "es")) == len(clauses) >= 2
    assert ben.on("floor") == []
    *first, second = [overheard.translation(clause, "es") for clause in clauses]
    heard = " ".join(translation.source_text for translation in first)
    assert heard.startswith("he might even have been"), "from the beginning of the sentence, before it broke"
    assert "podría" in " ".join(translation.payload for translation in first)
    assert (second.source_text, second.payload) == (fickle_ears.SENTENCE, fickle_ears.SENTENCE.upper())
