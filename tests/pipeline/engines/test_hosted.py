"""Engines in processes of their own, behind the usual protocols."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from pipeline.engines.engine import EngineCrashedError, EngineError, UnsupportedLanguageError
from pipeline.engines.hosted import HostedTranscriber, HostedTranslator, HostedVoicer
from pipeline.engines.settings import EngineSettings
from pipeline.engines.synthesizer import SynthesisRequest, Voicer
from pipeline.engines.transcriber import Hypothesis, Transcriber
from pipeline.engines.translator import TranslationRequest, Translator
from tests.fakes.hosted import counter, hummer, shouter

SETTINGS = EngineSettings(restart_wait_s=20)


@pytest.fixture
async def transcriber() -> AsyncIterator[HostedTranscriber]:
    module = "tests.fakes.hosted.counter"
    async with HostedTranscriber(counter.Engine.info, module, SETTINGS, processes=2) as hosted:
        yield hosted


@pytest.fixture
async def translator() -> AsyncIterator[HostedTranslator]:
    module = "tests.fakes.hosted.shouter"
    async with HostedTranslator(shouter.Engine.info, module, SETTINGS, processes=2) as hosted:
        yield hosted


def process_of(heard: Hypothesis) -> str:
    return heard.words[2].text


def request(text: str) -> TranslationRequest:
    return TranslationRequest(text=text, source="en", target="es")


async def test_utterances_go_where_least_is_to_do(transcriber: HostedTranscriber) -> None:
    """Two at once are heard in two processes; each stays with its own."""
    checked: Transcriber = transcriber
    first, second = await checked.open("en", "anna"), await checked.open("en", "ben")
    processes = {process_of(await first.push(b"12")), process_of(await second.push(b"12"))}
    assert len(processes) == 2
    assert {process_of(await first.peek()), process_of(await second.finish())} == processes
    await first.finish()


async def test_a_voice_goes_back_to_the_process_that_knows_it(transcriber: HostedTranscriber) -> None:
    """Among processes with as little to do, who heard the voice last hears it again."""
    heard = []
    for _ in range(3):
        for speaker in ("anna", "ben"):
            with_other = await transcriber.open("en", "other")
            utterance = await transcriber.open("en", speaker)
            heard.append((speaker, process_of(await utterance.finish())))
            await with_other.abort()
        utterance = await transcriber.open("en", "anna")
        assert process_of(await utterance.finish()) == dict(heard)["anna"]


async def test_what_was_heard_comes_back_whole(transcriber: HostedTranscriber) -> None:
    """Bytes, language and speaker reach the engine; its words reach the caller."""
    utterance = await transcriber.open("en", "anna")
    await utterance.push(bytes(3_200))
    heard = await utterance.push(bytes(3_200))
    assert [word.text for word in heard.words][:2] == ["6400", "anna"]
    assert heard.words[0].end_ms == 200
    assert heard.language == "en"
    await utterance.finish()


async def test_an_utterance_ends_once(transcriber: HostedTranscriber) -> None:
    """After finish nothing is heard; abort is harmless at any time."""
    utterance = await transcriber.open("en")
    await utterance.finish()
    await utterance.abort()
    with pytest.raises(EngineError):
        await utterance.finish()
    with pytest.raises(EngineError):
        await utterance.push(b"12")
    aborted = await transcriber.open("en")
    await aborted.abort()
    await aborted.abort()


async def test_an_opening_that_is_cancelled_leaves_nothing_open(transcriber: HostedTranscriber) -> None:
    """The engine does not keep an utterance that nobody has."""
    opening = asyncio.create_task(transcriber.open("en", "wait"))
    await asyncio.sleep(0.05)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    open_now = []
    for _ in range(2):
        utterance = await transcriber.open("en")
        open_now.append((await utterance.push(b"")).words[3].text)
    assert open_now == ["1", "1"]


async def test_an_utterance_fails_with_its_process(transcriber: HostedTranscriber) -> None:
    """The others go on, and a new one is opened elsewhere at once."""
    first, second = await transcriber.open("en"), await transcriber.open("en")
    process = process_of(await first.peek())
    asking = asyncio.create_task(first.push(b"hang"))
    await asyncio.sleep(0.05)
    os.kill(int(process), signal.SIGKILL)
    with pytest.raises(EngineCrashedError):
        await asking
    await first.abort()
    other = process_of(await second.peek())
    assert other != process
    third = await transcriber.open("en")
    assert process_of(await third.peek()) == other


async def test_unknown_languages_are_refused(transcriber: HostedTranscriber) -> None:
    """By the engine's own error."""
    with pytest.raises(UnsupportedLanguageError):
        await transcriber.open("xx")


async def test_many_clauses_are_translated_at_once(translator: HostedTranslator) -> None:
    """Each gets its own answer, and both processes work."""
    checked: Translator = translator
    assert checked.pairs == {("en", "es"), ("en", "fr")}
    texts = [f"clause {n}" for n in range(50)]
    assert await asyncio.gather(*(checked.translate(request(text)) for text in texts)) == [t.upper() for t in texts]
    processes = await asyncio.gather(*(checked.translate(request("who")) for _ in range(2)))
    assert {int(process) for process in processes} == set(translator.process_ids)


async def test_all_processes_are_warmed(translator: HostedTranslator) -> None:
    """Whoever translates the first clause is ready for it."""
    await translator.warm("en", "fr")
    warmed = await asyncio.gather(*(translator.translate(request("warmed")) for _ in range(2)))
    assert warmed == ["en>fr", "en>fr"]


async def test_a_crash_of_one_is_not_the_end(translator: HostedTranslator) -> None:
    """It stays available while a process is left, and the lost one comes back."""
    with pytest.raises(EngineCrashedError):
        await translator.translate(request("die"))
    assert translator.available
    assert await translator.translate(request("hello")) == "HELLO"
    async with asyncio.timeout(20):
        while len(translator.process_ids) < 2:  # noqa: ASYNC110 - a process is being started
            await asyncio.sleep(0.01)
    assert translator.restarts == 1


async def test_speech_comes_as_packets() -> None:
    """Encoded in the engine's process; closing stops it there."""
    async with HostedVoicer(hummer.Engine.info, "tests.fakes.hosted.hummer", SETTINGS) as hosted:
        voicer: Voicer = hosted
        assert voicer.languages == {"es", "fr"}
        asked = SynthesisRequest(text="1000", language="es", voice_seed="anna")
        packets = [packet async for packet in voicer.packets(asked)]
        assert 50 <= len(packets) <= 52
        with pytest.raises(UnsupportedLanguageError):
            await anext(voicer.packets(SynthesisRequest(text="1", language="xx", voice_seed="")))


async def test_every_process_lets_go_of_a_voice_that_was_taken_back() -> None:
    """Whichever of them spoke in it."""
    async with HostedVoicer(hummer.Engine.info, "tests.fakes.hosted.hummer", SETTINGS) as voicer:

        async def kept() -> int:
            asked = SynthesisRequest(text="kept", language="es", voice_seed="")
            return len([packet async for packet in voicer.packets(asked)]) // 5

        for seed in ("anna", "dora"):
            asked = SynthesisRequest(text="100", language="es", voice_seed=seed, reference=b"sound")
            assert [packet async for packet in voicer.packets(asked)]
        assert await kept() == 2
        voicer.forget("anna")
        assert await kept() == 1


async def test_if_one_process_cannot_start_none_stays() -> None:
    """Starting is all or nothing, and closing what never started is harmless."""
    hosted = HostedTranslator(shouter.Engine.info, "tests.fakes.hosted.stillborn", SETTINGS, processes=2)
    with pytest.raises(EngineError):
        await hosted.__aenter__()
    await hosted.__aexit__()
    assert hosted.process_ids == ()
