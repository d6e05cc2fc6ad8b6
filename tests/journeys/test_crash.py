"""The engines' processes die in mid-call: translation comes back by itself, and the original never stops."""

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack

import pytest

from pipeline.engines.engines import Engines
from pipeline.engines.hosted import Hosted
from tests.journeys.company import company
from tests.journeys.overheard import find, overhearing
from tests.journeys.whole_system import whole_system
from tests.support.caller import as_sent
from tests.support.recordings import Recording, recordings
from tests.support.similarity import word_errors
from tests.support.until import until

pytestmark = pytest.mark.journey


def hosted(chosen: object) -> Hosted:
    """Give the one engine behind a stage."""
    (engine,) = set(vars(chosen)["_engines"].values())
    assert isinstance(engine, Hosted)
    return engine


def kill(engine: Hosted) -> None:
    """Kill its processes, all of them this system's own."""
    for process_id in engine.process_ids:
        os.kill(process_id, signal.SIGKILL)


@pytest.mark.soak
async def test_translation_comes_back_after_every_engine_has_died() -> None:
    """The recogniser dies in the first sentence, the other two in the second; the third is as if nothing had been.

    Cat hears every packet of the original; Ben reads every sentence, and hears the last one whole in Spanish.
    """
    said: list[Recording] = [recordings()[number] for number in (2, 4, 1)]
    sentences = [await asyncio.to_thread(as_sent, recording.samples) for recording in said]
    async with AsyncExitStack() as stack:
        engines = await stack.enter_async_context(Engines.start())
        system = await stack.enter_async_context(whole_system(engines))
        overheard = await stack.enter_async_context(overhearing(system))
        ann, ben, cat = await stack.enter_async_context(company(system.url, "storm", Ann="en", Ben="es", Cat="en"))
        all_three = [hosted(each) for each in (engines.transcriber, engines.translator, engines.voicer)]
        deaths: list[tuple[float, list[Hosted]]] = [(2.5, all_three[:1]), (1.5, all_three[1:]), (0.0, [])]
        for sentence, recording, (at_s, victims) in zip(sentences, said, deaths, strict=True):
            begins = ann.microphone.play(sentence)
            await asyncio.sleep(at_s)
            for victim in victims:
                kill(victim)
            await asyncio.sleep(begins + recording.duration_s + 0.7 - time.monotonic())
            await until(lambda: all(each.healthy for each in all_three), 10)
        await overheard.settled()
        await asyncio.sleep(0.2)
        restarts = [each.restarts for each in all_three]

    clauses = overheard.clauses(ann.participant_id)
    last = [clause for clause in clauses if clause.utterance_id == overheard.utterances()[-1]]
    assert restarts == [1, 1, 1]
    for sentence in sentences:
        assert find([sound.payload for sound in sentence], cat.on("floor")) is not None
    assert last
    assert all(find(overheard.packets(clause, "es"), ben.on("voice")) for clause in last)
    errors, words = word_errors(" ".join(r.text for r in said), " ".join(c.payload for c in clauses).lower())
    assert errors / words <= 0.4
    shown = {(c["utterance_id"], c["clause"]) for c in ben.events("caption") if c["is_final"] and c["text"]}
    assert shown == {(clause.utterance_id, clause.clause) for clause in clauses}
