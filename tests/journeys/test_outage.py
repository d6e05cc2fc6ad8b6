"""The bus is away for a while: workers wait, lose nothing, say nothing twice and speak nothing that is old."""

import asyncio
from contextlib import AsyncExitStack

from msgspec.structs import replace

from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.messages import AudioChunk, DeadLetter, Speech, Transcript, Translation, WorkerStatus
from pipeline.metrics import DROPS
from pipeline.recognition import RecognitionStage
from pipeline.stage import Stage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.brittle_bus import BrittleBus
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer, words
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import Heard, chunk, listening, say, speech_of, transcript, uncommitted


class Line:
    """A bus with a worker for each stage."""

    def __init__(self) -> None:
        self.bus = BrittleBus()
        self.voicer = ScriptedVoicer()
        self._stack = AsyncExitStack()
        self._stages: list[tuple[str, str, Stage]] = [  # type: ignore[type-arg]
            (AudioChunk.TOPIC, RECOGNITION_GROUP, RecognitionStage(transcriber(), now_ms=virtual_now_ms)),
            (Transcript.TOPIC, TRANSLATION_GROUP, TranslationStage(ScriptedTranslator(), now_ms=virtual_now_ms)),
            (Translation.TOPIC, SYNTHESIS_GROUP, SynthesisStage(self.voicer, now_ms=virtual_now_ms)),
        ]

    async def __aenter__(self) -> tuple[BrittleBus, Heard]:
        await self._stack.enter_async_context(self.bus)
        heard = await self._stack.enter_async_context(listening(self.bus))
        for topic, group, stage in self._stages:
            worker = Worker(self.bus, topic, group, stage, now_ms=virtual_now_ms)
            await self._stack.enter_async_context(worker)
        return self.bus, heard

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()


def transcriber() -> ScriptedTranscriber:
    return ScriptedTranscriber(words("we went home"))


def late(stage: str) -> float:
    return float(DROPS.labels(stage, "late")._value.get())


@virtual_time
async def test_after_half_a_minute_captions_come_and_the_voice_does_not() -> None:
    """The translation that could not be published is, once; its voice is a tombstone, counted; nobody failed."""
    line, before = Line(), late("synthesis")
    async with line as (bus, heard):
        await bus.publish(replace(transcript("hello", final=True, last=True), ended_at_ms=EPOCH_MS))
        bus.down = True
        await asyncio.sleep(30)
        assert heard.of(Translation) == []
        bus.down = False
        speech = await heard.until(Speech)
        assert virtual_now_ms() - EPOCH_MS < 31_500
    assert [(t.payload, t.skipped) for t in heard.of(Translation)] == [("es(hello)", False)]
    assert (speech.skipped, speech.reason, speech.packets) == (True, "late", ())
    assert (late("synthesis") - before, line.voicer.requests) == (1, [])
    assert heard.of(DeadLetter) == []
    assert await uncommitted(bus, Transcript.TOPIC, TRANSLATION_GROUP) == []


@virtual_time
async def test_what_is_older_than_a_caption_may_be_is_dropped_and_counted() -> None:
    """A tombstone in its place, so that nobody waits."""
    before = late("translation")
    async with Line() as (bus, heard):
        old = replace(transcript("old", final=True, last=True), ended_at_ms=EPOCH_MS - 61_000)
        await bus.publish(old)
        tombstone = await heard.until(Translation)
    assert (tombstone.skipped, tombstone.reason, late("translation") - before) == (True, "late", 1)


@virtual_time
async def test_nothing_is_committed_that_was_not_published() -> None:
    """A worker that ends while the bus is away leaves it to the next one."""
    line = Line()
    async with line as (bus, heard):
        bus.down = True
        for user in range(20):
            await super(BrittleBus, bus).publish(transcript("hello", final=True, user=f"user{user}"))
        await asyncio.sleep(10)
    bus.down = False
    bus.closed = False
    assert len(await uncommitted(bus, Transcript.TOPIC, TRANSLATION_GROUP)) == 20
    assert heard.of(Translation) == []


@virtual_time
async def test_silence_of_the_bus_is_not_taken_for_the_end_of_an_utterance() -> None:
    """What is said after its return belongs to the same utterance, if it comes soon enough after that."""
    async with Line() as (bus, heard):
        await say(bus, *speech_of(300))
        bus.down = True
        await asyncio.sleep(20)
        bus.down = False
        await asyncio.sleep(1)
        await say(bus, *speech_of(400, start_ms=300), chunk(700, ms=0, last=True))
        end = await heard.until(Transcript, lambda t: t.last)
    assert (end.payload, len(heard.of(Transcript, lambda t: t.is_final))) == ("we went home", 1)


@virtual_time
async def test_workers_say_that_they_are_there_as_soon_as_the_bus_is_back() -> None:
    """And none of them ended meanwhile."""
    async with Line() as (bus, heard):
        await asyncio.sleep(1)
        bus.down = True
        await asyncio.sleep(30)
        seen = len(heard.of(WorkerStatus))
        bus.down = False
        await asyncio.sleep(1)
        assert {status.stage for status in heard.of(WorkerStatus)[seen:]} == {"recognition", "translation", "synthesis"}
