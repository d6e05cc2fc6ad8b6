"""A server is told to stop while somebody talks: the sentence is finished first."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from tests.fakes.engines import Scripted, ScriptedTranscriber, words
from tests.journeys.company import company
from tests.journeys.overheard import overhearing, voices
from tests.journeys.whole_system import whole_system
from tests.support.caller import as_sent, dial
from tests.support.recordings import Recording
from tests.support.until import until

pytestmark = pytest.mark.journey


async def test_the_sentence_is_heard_to_its_end_before_anybody_is_sent_away(recordings: tuple[Recording, ...]) -> None:
    """Ann is in mid-sentence: Ben hears it whole in Spanish, what she says next as it is, and then nothing more.

    Both are told at once, nobody else is let in meanwhile, and in the end their sockets close with 1001.
    """
    first, second = recordings[1], recordings[4]
    # Fourteen words, as long as the sentence is; their voice takes half as long again.
    engines = Scripted(ScriptedTranscriber(words(" ".join(f"w{n}" for n in range(14)))))
    engines.voicer.packets_per_word = 15
    sentences = [await asyncio.to_thread(as_sent, recording.samples) for recording in (first, second)]
    async with AsyncExitStack() as stack:
        system = await stack.enter_async_context(whole_system(engines))
        overheard = await stack.enter_async_context(overhearing(system))
        ann, ben = await stack.enter_async_context(company(system.url, "dusk", Ann="en", Ben="es"))
        begins = ann.microphone.play(sentences[0])
        await asyncio.sleep(begins + 1.5 - time.monotonic())
        draining = asyncio.create_task(system.drain())
        for caller in (ann, ben):
            await caller.wait_for("notice", lambda notice: notice["code"] == "server_stopping")
        begun = overheard.utterances()
        async with dial(system.url, "dusk") as late:
            await until(lambda: late.closed_with() is not None)
            assert (late.closed_with(), late.told) == (1001, [])
        await asyncio.sleep(begins + first.duration_s - time.monotonic())
        floor_of_first = ben.on("floor")
        await asyncio.sleep(1)
        assert not draining.done()
        ann.microphone.play(sentences[1])
        await draining
        drained = time.monotonic()
        assert (ann.closed_with(), ben.closed_with()) == (None, None)
        await system.__aexit__()
        await until(lambda: ann.closed_with() is not None and ben.closed_with() is not None)
        assert (ann.closed_with(), ben.closed_with()) == (1001, 1001)

    spans = voices(overheard, ann, ben, "es")
    assert overheard.utterances() == begun
    assert len(spans) >= 1
    assert begins + first.duration_s < spans[-1].ends < drained
    assert floor_of_first == []
    assert {packet.payload for packet in ben.on("floor")} & {sound.payload for sound in sentences[1]}
    assert [notice["code"] for notice in ben.events("notice")][-1] == "server_stopping"
