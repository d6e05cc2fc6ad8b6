"""The same sentence with the node and each worker as processes of their own on a real broker."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
import pytest_asyncio

from pipeline.bus.kafka.bus import KafkaBus
from pipeline.messages import AudioChunk, Speech, Transcript, Translation
from pipeline.settings import KafkaSettings
from tests.journeys.company import company
from tests.journeys.overheard import Overheard, find, voices
from tests.pipeline.support import listening
from tests.support.alone import apertium, find_spoken
from tests.support.broker import Broker
from tests.support.caller import Caller, as_sent
from tests.support.kafka_workers import bus_url, create_topics, translates, workers
from tests.support.program import Program, program
from tests.support.recordings import Recording
from tests.support.similarity import envelope
from tests.support.until import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

PREFIX = "sentence."
QUIET_S = 0.6
"""Nothing of a voice for so long: it is over."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def deployment(broker: Broker) -> AsyncIterator[dict[str, Program]]:
    """Give a node and a worker of each stage, started from the command line."""
    prefix = f"pipeline.kafka.prefix={PREFIX}"
    await create_topics(broker.bootstrap, PREFIX)
    async with AsyncExitStack() as stack:
        serve = ("serve", "--bus", bus_url(broker.bootstrap), "--port", "0", "--set", "rtc.host=127.0.0.1")
        node = await stack.enter_async_context(program(*serve, "--set", prefix))
        staff = await stack.enter_async_context(workers(broker.bootstrap, prefix))
        await node.says("Parley is at")
        yield {"serve": node} | {str(stage): each for stage, each in staff.items()}


async def address(node: Program) -> str:
    return (await node.says(r"Parley is at (http://\S+)")).group(1)


def spoken(overheard: Overheard) -> bool:
    """Whether every utterance has come to its end, and every clause has its voice."""
    messages = overheard.messages
    ended = {text.utterance_id for text in messages.of(Transcript, lambda text: text.last)}
    voiced = {(each.utterance_id, each.clause) for each in messages.of(Speech, lambda speech: speech.clause_end)}
    said = messages.of(Transcript, lambda text: text.is_final and bool(text.payload))
    return set(overheard.utterances()) <= ended and {(each.utterance_id, each.clause) for each in said} <= voiced


async def quiet(listener: Caller) -> None:
    """Wait until the listener's voices are silent."""

    def silent() -> bool:
        heard = listener.on("voice")
        return bool(heard) and time.monotonic() - heard[-1].at > QUIET_S

    await until(silent, 15)


async def test_a_sentence_crosses_four_processes(
    deployment: dict[str, Program], broker: Broker, recordings: tuple[Recording, ...]
) -> None:
    """Ben hears it in Spanish and reads what Apertium makes of it, Cat hears it as it was said; nobody is told off."""
    recording = recordings[1]
    said = await asyncio.to_thread(as_sent, recording.samples)
    url = await address(deployment["serve"])
    await translates(url, "en", "es")
    topics = (AudioChunk.TOPIC, Transcript.TOPIC, Translation.TOPIC, Speech.TOPIC)
    async with (
        KafkaBus(KafkaSettings(bootstrap_servers=broker.bootstrap, prefix=PREFIX)) as bus,
        listening(bus, *topics) as messages,
        company(url, "porch", Ann="en", Ben="es", Cat="en") as (ann, ben, cat),
    ):
        overheard = Overheard(messages, [])
        ann.microphone.play(said)
        await asyncio.sleep(recording.duration_s + 0.6)
        await until(lambda: spoken(overheard), 15)
        await quiet(ben)
        captions = [c for c in ben.events("caption") if c["is_final"] and c["text"]]
        spans = voices(overheard, ann, ben, "es")

    assert len(spans) == len(captions) >= 1
    assert [c["text"] for c in captions] == [await asyncio.to_thread(apertium, c["source_text"]) for c in captions]
    assert {(c["language"], c["source_language"]) for c in captions} == {("es", "en")}
    played = envelope(ben.sound("voice"), 48_000)
    score, _ = await find_spoken(captions[0]["text"], ann.participant_id, played)
    assert score > 0.9, "what Ben hears is not the Spanish sentence"
    assert find([sound.payload for sound in said], cat.on("floor")) is not None
    assert (ben.on("floor"), cat.on("voice")) == ([], [])
    notices = [*ben.events("notice"), *cat.events("notice")]
    assert [notice["code"] for notice in notices if notice["speaker_id"] == ann.participant_id] == []


async def test_every_process_tells_how_it_is(deployment: dict[str, Program]) -> None:
    """Which it is, what it loaded, that it reaches the broker, and when it last had work; and the node keeps books."""
    url = await address(deployment["serve"])
    urls = {"serve": url}
    for stage in ("stt", "translation", "tts"):
        urls[stage] = (await deployment[stage].says(r"probes at (http://\S+)\. ")).group(1)
    told = {}
    async with aiohttp.ClientSession() as http:
        for name, where in urls.items():
            async with http.get(f"{where}/readyz") as ready, http.get(f"{where}/metrics") as metrics:
                told[name] = await ready.json()
                assert ready.status == 200, told[name]
                assert "parley_bus_up 1.0" in await metrics.text()
                if name == "serve":
                    text = await metrics.text()
    assert [told[name]["broker_reached"] for name in urls] == [True] * 4
    assert [told[name]["errors"] for name in urls] == [0] * 4
    assert all(told[name]["last_record_age_s"] < 60 for name in urls)
    assert told["serve"]["engines"] == {}
    assert told["stt"]["engines"] == {"recognition": "pocketsphinx"}
    assert len({told[name]["instance_id"] for name in urls}) == 4
    count = re.search(r'parley_pipeline_seconds_count\{source="en",target="es"\} (\S+)', text)
    assert count is not None
    assert float(count.group(1)) >= 1


async def test_a_worker_ends_in_order(deployment: dict[str, Program]) -> None:
    """On SIGTERM it finishes and leaves with 0; the node says at once that nothing is translated any more."""
    url = await address(deployment["serve"])
    async with company(url, "dusk", Ann="en", Ben="es") as (_, ben):
        assert await deployment["tts"].stop() == 0
        await ben.wait_for("notice", lambda notice: notice["code"] == "translation_paused", limit_s=2)
    assert not [line for line in deployment["tts"].lines if "Traceback" in line]
