"""One sentence through all three stages: recognised, translated, spoken."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import msgspec
from structlog.testing import capture_logs

from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.clock import NowMs, now_ms
from pipeline.messages import AudioChunk, Speech, Transcript, Translation
from pipeline.recognition import RecognitionStage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer, words
from tests.fakes.virtual_time import virtual_now_ms, virtual_time
from tests.pipeline.support import chunk, listening, packets_of, say, speech_of


@asynccontextmanager
async def line(
    transcriber: ScriptedTranscriber,
    translator: ScriptedTranslator | None = None,
    voicer: ScriptedVoicer | None = None,
    *,
    now: NowMs = virtual_now_ms,
) -> AsyncIterator[MemoryBus]:
    """Open a bus with one worker for each stage."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        recognition = RecognitionStage(transcriber, now_ms=now)
        translation = TranslationStage(translator or ScriptedTranslator(), now_ms=now)
        synthesis = SynthesisStage(voicer or ScriptedVoicer(), engine="scripted", now_ms=now)
        await stack.enter_async_context(Worker(bus, AudioChunk.TOPIC, RECOGNITION_GROUP, recognition, now_ms=now))
        await stack.enter_async_context(Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, translation, now_ms=now))
        await stack.enter_async_context(Worker(bus, Translation.TOPIC, SYNTHESIS_GROUP, synthesis, now_ms=now))
        yield bus


@virtual_time
async def test_a_sentence_is_recognised_translated_and_spoken() -> None:
    """What is said in English comes out as Spanish sound, each word once."""
    transcriber = ScriptedTranscriber(words("good morning to you"))
    async with line(transcriber) as bus, listening(bus) as heard:
        await say(bus, *speech_of(1000), chunk(1000, ms=0, last=True))
        end = await heard.until(Speech, lambda speech: speech.last)
    assert packets_of(heard.of(Speech)) == [f"es(good morning to you)/{n}" for n in range(20)]
    assert (end.clause_end, end.speculative, end.skipped) == (True, False, False)
    assert [final.payload for final in heard.of(Transcript, lambda t: t.is_final)] == ["good morning to you"]


@virtual_time
async def test_a_confirmed_speculation_is_spoken_before_the_end_is_known() -> None:
    """The voice is made while the silence is still being watched, and is not made again at the end."""
    transcriber, voicer = ScriptedTranscriber(words("good morning")), ScriptedVoicer()
    async with line(transcriber, voicer=voicer) as bus, listening(bus) as heard:
        await say(bus, *speech_of(600), chunk(600, ms=0, maybe_last=1))
        spoken = await heard.until(Speech, lambda speech: speech.clause_end)
        await say(bus, *speech_of(200, start_ms=600), chunk(800, ms=0, last=True, confirms=1))
        await heard.until(Translation, lambda t: t.last)
    assert (spoken.speculative, spoken.revision, spoken.last) == (True, 1, True)
    assert [request.text for request in voicer.requests] == ["es(good morning)"]
    assert not heard.of(Speech, lambda speech: not speech.speculative)


@virtual_time
async def test_speech_that_goes_on_supersedes_the_speculation() -> None:
    """When more words come after a pause, the final has a higher revision and all of the words."""
    transcriber = ScriptedTranscriber(words("good morning") + words("to you", start_ms=700))
    async with line(transcriber) as bus, listening(bus) as heard:
        await say(bus, *speech_of(600), chunk(600, ms=0, maybe_last=1))
        await say(bus, *speech_of(800, start_ms=600), chunk(1400, ms=0, last=True))
        end = await heard.until(Speech, lambda speech: speech.last and not speech.speculative)
    assert end.revision == 2
    final = packets_of(heard.of(Speech, lambda speech: not speech.speculative))
    assert final == [f"es(good morning to you)/{n}" for n in range(20)]


@virtual_time
async def test_every_utterance_ends_in_one_last_record_even_when_nothing_was_said() -> None:
    """Noise without words gives an empty end at every stage."""
    async with line(ScriptedTranscriber(())) as bus, listening(bus) as heard:
        await say(bus, *speech_of(500), chunk(500, ms=0, last=True))
        await heard.until(Speech)
    for kind in (Transcript, Translation):
        assert [(message.payload, message.is_final) for message in heard.of(kind, lambda m: m.last)] == [("", True)]  # type: ignore[attr-defined]
    assert [(s.packets, s.clause_end, s.last, s.skipped) for s in heard.of(Speech)] == [((), True, True, False)]


@virtual_time
async def test_a_monologue_is_spoken_while_it_goes_on_and_no_word_is_lost() -> None:
    """Ten seconds without any pause between words come out in clauses, every word once and in order."""
    text = " ".join(f"w{n}" for n in range(50))
    transcriber, voicer = ScriptedTranscriber(words(text)), ScriptedVoicer(packets_per_word=1)
    async with line(transcriber, voicer=voicer) as bus, listening(bus) as heard:
        await say(bus, *speech_of(10_000), chunk(10_000, ms=0, last=True))
        await heard.until(Speech, lambda speech: speech.last)
    finals = heard.of(Transcript, lambda t: t.is_final)
    assert [final.clause for final in finals] == list(range(len(finals)))
    assert len(finals) > 1
    assert " ".join(final.payload for final in finals) == text
    assert len(packets_of(heard.of(Speech))) == 50


@virtual_time
async def test_each_stage_says_when_it_took_and_gave() -> None:
    """A Speech carries the times of its way from the microphone on, in order."""
    transcriber = ScriptedTranscriber(words("hi"), delay_s=0.01)
    translator, voicer = ScriptedTranslator(delays_s={"es": 0.03}), ScriptedVoicer(first_s=0.02)
    async with line(transcriber, translator, voicer) as bus, listening(bus) as heard:
        await say(bus, *speech_of(300), chunk(300, ms=0, last=True))
        times = (await heard.until(Speech)).times
    way = [times.captured_at_ms, times.recognition_in_ms, times.recognition_out_ms, times.translation_in_ms]
    way += [times.translation_out_ms, times.synthesis_in_ms, times.synthesis_out_ms]
    marks = [mark for mark in way if mark is not None]
    assert len(marks) == 7
    assert marks == sorted(marks)
    assert (marks[4] - marks[3], marks[6] - marks[5]) == (30, 20)


async def test_all_hops_together_take_a_few_milliseconds() -> None:
    """With engines that take no time, the way from the last chunk to the first packets is short."""
    took_ms = []
    transcriber = ScriptedTranscriber(words("good morning to you"))
    async with AsyncExitStack() as stack:
        stack.enter_context(capture_logs())
        bus = await stack.enter_async_context(line(transcriber, now=now_ms))
        speech = await stack.enter_async_context(bus.subscribe(Speech.TOPIC))
        records = aiter(speech)
        for number in range(40):
            for one in speech_of(1000, utterance=f"u{number}"):
                await bus.publish(since(one, now_ms() - 1000))
            await asyncio.sleep(0.01)
            began = time.perf_counter()
            await bus.publish(since(chunk(1000, ms=0, utterance=f"u{number}", last=True), now_ms() - 1000))
            record = await anext(records)
            took_ms.append((time.perf_counter() - began) * 1000)
            while not cast("Speech", record.message).clause_end:
                record = await anext(records)
    print(f"all hops: p50 {statistics.median(took_ms):.2f} ms, worst {max(took_ms):.2f} ms")  # noqa: T201
    assert statistics.median(took_ms) < 50


def since(one: AudioChunk, started_at_ms: int) -> AudioChunk:
    return msgspec.structs.replace(one, utterance_started_at_ms=started_at_ms)
