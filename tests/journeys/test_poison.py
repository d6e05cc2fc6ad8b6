"""Bad records, and engines that were out, on a real broker: what is good goes on, what is bad is kept."""

import asyncio
import uuid
from collections import Counter as Tally
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from parley.dlq import Filter, entries, letters, purge
from parley.dlq_replay import replay
from parley.topics import create
from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TOPICS, TRANSLATION_GROUP
from pipeline.clock import NowMs, now_ms
from pipeline.engines.engine import EngineUnavailableError
from pipeline.messages import AudioChunk, Message, Said, Speech, Target, Transcript, Translation
from pipeline.messages.codec import encode
from pipeline.recognition import RecognitionStage
from pipeline.settings import KafkaSettings
from pipeline.stage import Stage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from signaling.captions.caption import Caption, Reader, choose
from signaling.captions.room_captions import RoomCaptions
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer, words
from tests.pipeline.support import chunk, transcript
from tests.support.broker import Broker

BOTH = (Target("es"), Target("fr"))
HEADERS = [("schema", b"transcript"), ("version", b"1")]
OUT = EngineUnavailableError("it is out", "wait")
HOUR_MS = 3_600_000


@asynccontextmanager
async def bus_on(broker: Broker) -> AsyncIterator[tuple[KafkaBus, KafkaSettings]]:
    settings = KafkaSettings(bootstrap_servers=broker.bootstrap, prefix=f"poison-{uuid.uuid4().hex[:8]}.")
    await create(settings)
    async with KafkaBus(settings) as bus:
        yield bus, settings


@asynccontextmanager
async def workers(
    bus: KafkaBus,
    transcriber: ScriptedTranscriber | None = None,
    translator: ScriptedTranslator | None = None,
    *,
    now: NowMs = now_ms,
) -> AsyncIterator[list[Worker[Any]]]:
    stages: tuple[tuple[str, str, Stage[Any]], ...] = (
        (AudioChunk.TOPIC, RECOGNITION_GROUP, RecognitionStage(transcriber or ScriptedTranscriber(), now_ms=now)),
        (Transcript.TOPIC, TRANSLATION_GROUP, TranslationStage(translator or ScriptedTranslator(), now_ms=now)),
        (Translation.TOPIC, SYNTHESIS_GROUP, SynthesisStage(ScriptedVoicer(), now_ms=now)),
    )
    async with AsyncExitStack() as stack:
        made = [Worker(bus, topic, group, stage, now_ms=now) for topic, group, stage in stages]
        for worker in made:
            await stack.enter_async_context(worker)
        yield made


async def history(bus: KafkaBus, topic: str) -> list[Message]:
    return [record.message async for record in bus.history(topic)]


async def publish(bus: KafkaBus, messages: Sequence[Said]) -> None:
    """Publish quickly, each speaker's in order."""
    by_key: dict[str, list[Said]] = {}
    for one in messages:
        by_key.setdefault(one.key, []).append(one)

    async def in_order(several: list[Said]) -> None:
        for one in several:
            await bus.publish(one)

    await asyncio.gather(*(in_order(several) for several in by_key.values()))


def good(number: int) -> Transcript:
    said = transcript("hello", final=True, last=True, utterance=f"u{number}", user=f"user{number % 20}")
    return replace(said, sequence_number=number, ended_at_ms=now_ms())


def bad(number: int) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Give the value and the headers of a record that nobody can read."""
    value = encode(good(number))
    kinds = (
        (value[:-9], HEADERS),
        (value, [("schema", b"transcript"), ("version", b"9")]),
        (number.to_bytes(4, "big") * 250_000, HEADERS),
        (value.replace(b"hello", b"h\xffllo"), HEADERS),
        (encode(replace(good(number), sequence_number=-1)), HEADERS),
        (encode(replace(good(number), language="klingonish")), HEADERS),
    )
    return kinds[number % len(kinds)]


async def poison(settings: KafkaSettings, numbers: Sequence[int]) -> list[bytes]:
    """Put bad records among the good ones, under the good ones' keys. Returns their values."""
    topic = next(one for one in TOPICS if one.name == Transcript.TOPIC)
    values = []
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers, max_request_size=2_000_000)
    async with producer:
        for number in numbers:
            value, headers = bad(number)
            key = good(number).key
            partition = topic.partition_of(key)
            await producer.send_and_wait(
                settings.prefix + topic.name, value, key=key.encode(), partition=partition, headers=headers
            )
            values.append(value)
    return values


async def settled(bus: KafkaBus, topic: str, count: int, limit_s: float) -> list[Message]:
    """Wait until so many records are there, and a moment more for those that should not be."""
    async with asyncio.timeout(limit_s):
        while len(await history(bus, topic)) < count:  # noqa: ASYNC110  # a broker has no event for it
            await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    return await history(bus, topic)


@pytest.mark.parametrize(
    ("goods", "bads"), [(200, 24), pytest.param(2_000, 200, marks=[pytest.mark.soak, pytest.mark.timeout(300)])]
)
async def test_bad_records_are_kept_and_good_ones_go_on(broker: Broker, goods: int, bads: int) -> None:
    """Each bad one is one dead letter, bytes untouched; no worker ends; a replay refuses them and adds nothing."""
    async with bus_on(broker) as (bus, settings), workers(bus) as running:
        values: list[bytes] = []
        for tenth in range(10):
            await publish(bus, [good(number) for number in range(goods)[tenth::10]])
            values += await poison(settings, range(bads)[tenth::10])
        translations = await settled(bus, Translation.TOPIC, goods, 120)
        await settled(bus, "pipeline.dlq", bads, 60)
        found = await entries(bus, Filter())
        assert {worker._ended.is_set() for worker in running} == {False}
        outcome = await replay(bus, found)
        after = await settled(bus, Translation.TOPIC, goods, 10)
        kept = [value async for letter, _ in letters(bus) for value in letter.records()]
    assert len(found) == bads
    assert Tally(kept) == Tally(values)
    assert {entry.error for entry in found} == {"UnreadableRecordError"}
    assert {entry.attempts for entry in found} == {1}
    assert (len(outcome.refused), outcome.records) == (bads, 0)
    assert len(translations) == len(after) == goods
    assert len({one.utterance_id for one in translations if isinstance(one, Translation)}) == goods


def spoken(number: int) -> list[AudioChunk]:
    """Give an utterance of somebody of their own, as sound."""
    said = [chunk(at, utterance=f"s{number}", user=f"speaker{number}", targets=BOTH) for at in range(0, 300, 100)]
    end = chunk(300, ms=0, last=True, utterance=f"s{number}", user=f"speaker{number}", targets=BOTH)
    return [replace(one, utterance_started_at_ms=now_ms()) for one in (*said, end)]


def captions(texts: Sequence[Message]) -> Tally[tuple[str, str]]:
    """Count the final captions that a reader of each language is left with, by utterance."""
    room, shown = RoomCaptions(1_000), Tally[tuple[str, str]]()
    last: dict[tuple[str, int, str], Caption] = {}
    for text in texts:
        if isinstance(text, Transcript | Translation) and room.take(text):
            for language in ("en", "es", "fr"):
                caption = choose(Reader(None, language), text, lambda *_: True)
                if caption is not None and caption.is_final and caption.text and not text.skipped:
                    shown[(caption.utterance_id, language)] += 1
                    last[(caption.utterance_id, caption.clause, language)] = caption
    assert len(last) == shown.total()
    return shown


@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.soak)])
async def test_what_failed_while_an_engine_was_out_is_replayed_an_hour_later(broker: Broker, count: int) -> None:
    """Each utterance ends as one caption in each language, twice replayed or not, and nobody hears a voice."""
    heard = words("we went")
    texts = [replace(one, targets=BOTH, utterance_id=f"t{at}") for at, one in enumerate(map(good, range(count // 2)))]
    async with bus_on(broker) as (bus, _):
        broken = ScriptedTranscriber(heard, faults=[OUT] * 1_000), ScriptedTranslator(faults=[OUT] * 1_000)
        async with workers(bus, *broken):
            await publish(bus, [one for number in range(count // 2) for one in spoken(number)])
            await publish(bus, texts)
            await settled(bus, "pipeline.dlq", 2 * (count // 2), 60)
        async with workers(bus, ScriptedTranscriber(heard), now=lambda: now_ms() + HOUR_MS):
            found = await entries(bus, Filter(error="EngineUnavailableError"))
            await replay(bus, found)
            await settled(bus, Translation.TOPIC, 2 * 2 * 2 * (count // 2), 60)
            again = await replay(bus, found)
            await purge(bus, again.done, now_ms())
            await asyncio.sleep(1)
            left = await entries(bus, Filter())
            said = [*await history(bus, Transcript.TOPIC), *await history(bus, Translation.TOPIC)]
            speech = [one for one in await history(bus, Speech.TOPIC) if isinstance(one, Speech)]
    expected = [f"{kind}{number}" for kind in "st" for number in range(count // 2)]
    assert captions(said) == Tally((name, language) for name in expected for language in ("en", "es", "fr"))
    assert len(found) == 2 * (count // 2)
    assert (len(again.needless), left) == (len(found), [])
    assert {one.packets for one in speech} == {()}
