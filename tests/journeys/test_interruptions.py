"""People who come, go and talk as people do: in the middle of a sentence, and all at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from parley.system import System
from tests.journeys.company import company
from tests.journeys.overheard import Overheard, find, overhearing, voices
from tests.journeys.whole_system import whole_system
from tests.support.caller import Caller, as_sent, call
from tests.support.opus import decode
from tests.support.recordings import SAMPLE_RATE, Recording
from tests.support.similarity import best_match, envelope, word_errors

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system() -> AsyncIterator[System]:
    """Give one system; each test has a room of its own."""
    async with whole_system() as system:
        yield system


@pytest_asyncio.fixture(loop_scope="module")
async def overheard(system: System) -> AsyncIterator[Overheard]:
    """Give what travels on the bus during one test."""
    async with overhearing(system) as overheard:
        yield overheard


def read(caller: Caller) -> list[str]:
    """Give the committed captions that somebody was shown."""
    return [c["text"] for c in caller.events("caption") if c["is_final"] and c["text"]]


@pytest.mark.soak
async def test_a_closed_tab_does_not_cut_off_the_voice(
    system: System, overheard: Overheard, recordings: tuple[Recording, ...]
) -> None:
    """Ann's tab is closed in mid-sentence: Ben hears in Spanish, to its end, what she had said until then."""
    async with company(system.url, "tab", Ann="en", Ben="es") as (ann, ben):
        ann.microphone.play(await asyncio.to_thread(as_sent, recordings[0].samples))
        await asyncio.sleep(4.5)
        await ann.close_tab()
        await ben.wait_for("participant_left")
        packets_then = len(ben.on("voice"))
        await overheard.settled()
        await asyncio.sleep(0.2)

    said = " ".join(clause.payload for clause in overheard.clauses(ann.participant_id)).lower()
    begun = "and mister john dashwood had then leisure to consider how much"
    errors, words = word_errors(begun, said)
    assert errors / words <= 0.5, said
    assert len(ben.on("voice")) > packets_then
    assert len(voices(overheard, ann, ben, "es")) == len(read(ben)) >= 1
    assert [figures.voices[0].lost for figures in overheard.figures] == [{}] * len(overheard.figures)
    assert ben.on("floor") == []


@pytest.mark.soak
async def test_two_who_talk_at_once_are_both_heard(
    system: System, overheard: Overheard, recordings: tuple[Recording, ...]
) -> None:
    """Dan hears both originals, each in a slot of its own; Ben hears both translated, one after the other."""
    first, second = recordings[2], recordings[3]
    async with company(system.url, "duet", Ann="en", Cat="en", Ben="es", Dan="en") as (ann, cat, ben, dan):
        ann.microphone.say(first.samples)
        cat.microphone.say(second.samples)
        await asyncio.sleep(second.duration_s + 1)
        await overheard.settled()
        await asyncio.sleep(0.2)

    slots = [decode(packet.payload for packet in packets) for packets in dan.heard.values() if len(packets) > 100]
    assert len(slots) == 2
    for recording in (first, second):
        pattern = envelope(recording.samples, SAMPLE_RATE)
        scores = sorted(best_match(pattern, envelope(sound, 48_000))[0] for sound in slots)
        assert scores[1] > 0.9, f"{recording.name}: {scores}"
    spans = [voices(overheard, speaker, ben, "es") for speaker in (ann, cat)]
    assert all(spans), "one of the two was not translated"
    assert [figures.voices[0].lost for figures in overheard.figures] == [{}] * len(overheard.figures)
    assert not [(a, c) for a in spans[0] for c in spans[1] if a.begins < c.ends and c.begins < a.ends]
    assert ben.on("floor") == []


@pytest.mark.soak
async def test_who_joins_in_mid_utterance_hears_the_original_first_and_disturbs_nobody(
    system: System, overheard: Overheard, recordings: tuple[Recording, ...]
) -> None:
    """Dora hears the sentence out as it is and the next one in Spanish; Ben's voice and Cat's original have no hole."""
    long, short = recordings[0], recordings[1]
    sentences = [await asyncio.to_thread(as_sent, recording.samples) for recording in (long, short)]
    async with company(system.url, "late", Ann="en", Ben="es", Cat="en") as (ann, ben, cat), AsyncExitStack() as stack:
        ann.microphone.play(sentences[0])
        await asyncio.sleep(2.5)
        dora = await stack.enter_async_context(call(system.url, "late", name="Dora", speaks="es", hears="es"))
        await asyncio.sleep(long.duration_s - 2.5 + 0.7)
        floor_of_first, first = len(dora.on("floor")), len(overheard.clauses(ann.participant_id))
        ann.microphone.play(sentences[1])
        await asyncio.sleep(short.duration_s + 0.7)
        await overheard.settled()
        await asyncio.sleep(0.2)

    clauses = overheard.clauses(ann.participant_id)
    assert floor_of_first > 100
    assert len(dora.on("floor")) == floor_of_first
    assert read(dora) == read(ben)
    assert len(voices(overheard, ann, ben, "es")) == len(clauses) > first >= 1
    made = [packet for clause in clauses[first:] for packet in overheard.packets(clause, "es")]
    assert [packet.payload for packet in dora.on("voice")] == made
    for sentence in sentences:
        assert find([sound.payload for sound in sentence], cat.on("floor")) is not None
    assert [len(caller.events("answer")) for caller in (ann, ben, cat, dora)] == [1, 1, 1, 1]
