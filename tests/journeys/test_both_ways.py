"""Both ways at once: while Ann speaks English, Ben speaks Spanish; each hears the other in their own language."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import pytest_asyncio

from pipeline.engines.engines import Engines
from tests.fakes.engines import ScriptedTranscriber, words
from tests.fakes.polyglot import Polyglot
from tests.journeys.company import company
from tests.journeys.overheard import Overheard, overhearing, voices
from tests.journeys.whole_system import whole_system
from tests.support.alone import apertium, find_spoken, spoken
from tests.support.caller import Caller, as_sent
from tests.support.recordings import Samples, recordings, silence
from tests.support.similarity import envelope

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]

# What Ben says: nothing here recognises Spanish, so his words come from this script. His sound is as real as Ann's.
SPANISH = ("buenos días amigos", "la casa de mi hermano es grande")
# Between two sentences of one person: long enough for the voice of the first, so that nothing has to hurry.
PAUSE_S = 1.5


@dataclass
class Call:
    """The two, and what happened."""

    ann: Caller
    ben: Caller
    overheard: Overheard


async def sentences() -> tuple[Samples, Samples]:
    """Give what Ann and what Ben say, each beginning while the other speaks."""
    r0880, r0930 = recordings()[1], recordings()[4]
    first, second = [await spoken(text, "es") for text in SPANISH]
    ann = np.concatenate([r0880.samples, silence(PAUSE_S), r0930.samples])
    ben = np.concatenate([silence(0.5), first, silence(PAUSE_S), second])
    return ann, ben


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk() -> AsyncIterator[Call]:
    """Let both talk until all was heard."""
    english, spanish = [await asyncio.to_thread(as_sent, samples) for samples in await sentences()]
    scripts = [words(text, start_ms=300, word_ms=150) for text in SPANISH]
    async with Engines.start() as real:
        transcriber = Polyglot(real.transcriber, ScriptedTranscriber(*scripts, languages=["es"]))
        engines = SimpleNamespace(transcriber=transcriber, translator=real.translator, voicer=real.voicer)
        async with (
            whole_system(engines) as system,
            overhearing(system) as overheard,
            company(system.url, "bridge", Ann="en", Ben="es") as (ann, ben),
        ):
            ann.microphone.play(english)
            ben.microphone.play(spanish)
            await asyncio.sleep(max(len(english), len(spanish)) * 0.02 + 1)
            await overheard.settled()
            await asyncio.sleep(0.2)
            yield Call(ann, ben, overheard)


async def test_ben_hears_every_clause_of_ann_in_spanish_once(talk: Call) -> None:
    """Ben's voice slots carry Ann's Spanish, whole and in order, and nothing else."""
    heard = voices(talk.overheard, talk.ann, talk.ben, "es")
    assert len(heard) >= 2
    clauses = talk.overheard.clauses(talk.ann.participant_id)
    made = sum(len(talk.overheard.packets(clause, "es")) for clause in clauses)
    assert len(talk.ben.on("voice")) == made
    assert talk.ben.on("floor") == []


async def test_ann_hears_every_clause_of_ben_in_english_once(talk: Call) -> None:
    """Ann's voice slots carry Ben's English, whole and in order, and nothing else."""
    clauses = talk.overheard.clauses(talk.ben.participant_id)
    assert [clause.payload for clause in clauses] == list(SPANISH)
    voices(talk.overheard, talk.ben, talk.ann, "en")
    assert len(talk.ann.on("voice")) == sum(len(talk.overheard.packets(clause, "en")) for clause in clauses)
    assert talk.ann.on("floor") == []


async def test_both_hear_what_espeak_makes_of_what_apertium_says(talk: Call) -> None:
    """What was decoded from either's slots is the speech of the other's translated words."""
    ways = ((talk.ann, talk.ben, "eng-spa", "es"), (talk.ben, talk.ann, "spa-eng", "en"))
    for speaker, listener, pair, language in ways:
        sound = envelope(listener.sound("voice"), 48_000)
        for clause in talk.overheard.clauses(speaker.participant_id):
            text = await asyncio.to_thread(apertium, clause.payload, pair)
            score, _ = await find_spoken(text, speaker.participant_id, sound, language)
            assert score > 0.8, f"{text}: {score}"


async def test_both_read_what_the_other_says_and_each_once(talk: Call) -> None:
    """Captions are one's own words as recognised, and the other's translated, each once and in order."""
    for reader, other, language in ((talk.ann, talk.ben, "en"), (talk.ben, talk.ann, "es")):
        read = [c for c in reader.events("caption") if c["is_final"] and c["text"]]
        assert {c["language"] for c in read} == {language}
        for speaker in (reader, other):
            said = [clause.payload for clause in talk.overheard.clauses(speaker.participant_id)]
            assert [c["source_text"] for c in read if c["speaker_id"] == speaker.participant_id] == said


async def test_they_did_speak_at_the_same_time(talk: Call) -> None:
    """Each began a sentence while the other was in the middle of one."""
    spans = {
        caller.participant_id: [
            (each.started_at_ms, each.speech_ended_at_ms or 0)
            for each in talk.overheard.figures
            if each.speaker_id == caller.participant_id
        ]
        for caller in (talk.ann, talk.ben)
    }
    ann, ben = spans.values()
    together = [min(a[1], b[1]) - max(a[0], b[0]) for a in ann for b in ben]
    assert max(together) > 500, spans
