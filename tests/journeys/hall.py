"""People who talk onto Kafka, workers who are processes of their own, and the judgement on what came of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from media_server.ingest import AudioIngestService
from pipeline.bus.bus import Bus, Record
from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.topics import TOPICS
from pipeline.messages import AudioChunk, DeadLetter, Speech, Target, Times, Transcript, Translation
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.settings import KafkaSettings
from tests.fakes.spelled import PAUSE, spell, text_of
from tests.support.broker import BrokerProcess
from tests.support.chronicle import Chronicle, Outcomes, Said
from tests.support.kafka_workers import create_topics
from tests.support.staff import Staff, all_are_there

LANGUAGES = ("es", "fr")
CHUNK_MS = 100
# As the segmenter does: a look after 150 ms of silence, the end after 400 ms.
LOOK_S, END_S = 0.15, 0.25
RESULTS = (Transcript.TOPIC, Translation.TOPIC, Speech.TOPIC, DeadLetter.TOPIC)


class Part(NamedTuple):
    """What one speaker says."""

    user: str
    # Sound of each utterance, and its text where that is known.
    utterances: Sequence[tuple[bytes, str | None]]


class Hall(NamedTuple):
    """A room on Kafka: the bus, the way in, the workers, and what was said so far."""

    bus: Bus
    ingest: AudioIngestService
    staff: Staff
    said: dict[str, Said]

    async def speak(self, part: Part, pause_s: float) -> None:
        """Say a part in real time, as a microphone's segmenter gives it out, with a pause behind each utterance."""
        for number, (sound, text) in enumerate(part.utterances):
            utterance_id = f"{part.user}-{number}"
            self.said[utterance_id] = Said(f"hall/{part.user}", number, LANGUAGES, text)
            await self._say(part.user, utterance_id, sound)
            await asyncio.sleep(pause_s)

    async def settled(self, limit_s: float = 60) -> Outcomes:
        """Wait until every utterance has come to some end, and judge; give the last judgement if one never does."""
        deadline = time.monotonic() + limit_s
        while True:
            outcomes = Chronicle(await published(self.bus), self.said).outcomes()
            if not outcomes.violations or time.monotonic() > deadline:
                return outcomes
            await asyncio.sleep(2)

    async def _say(self, user: str, utterance_id: str, sound: bytes) -> None:
        began = time.time()

        def offer(start_ms: int, payload: bytes, **marks: object) -> None:
            chunk = AudioChunk(
                room_id="hall",
                user_id=user,
                sequence_number=0,
                utterance_id=utterance_id,
                times=Times(captured_at_ms=round(time.time() * 1000)),
                payload=payload,
                start_ms=start_ms,
                utterance_started_at_ms=round(began * 1000),
                language="en",
                targets=tuple(Target(language) for language in LANGUAGES),
                **marks,  # type: ignore[arg-type]
            )
            self.ingest.offer(chunk)

        step = CHUNK_MS * BYTES_PER_MS
        for at in range(0, len(sound), step):
            payload = sound[at : at + step]
            await asyncio.sleep(max(0.0, began + (at + len(payload)) / BYTES_PER_MS / 1000 - time.time()))
            offer(at // BYTES_PER_MS, payload)
        end_ms = len(sound) // BYTES_PER_MS
        await asyncio.sleep(LOOK_S)
        offer(end_ms, b"", maybe_last=1)
        await asyncio.sleep(END_S)
        offer(end_ms, b"", last=True, confirms=1)


@asynccontextmanager
async def hall(it: BrokerProcess, *, scripted: bool) -> AsyncIterator[Hall]:
    """Give topics, workers who are ready, and the node's way in."""
    await create_topics(it.bootstrap)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(KafkaBus(KafkaSettings(bootstrap_servers=it.bootstrap)))
        staff = await stack.enter_async_context(Staff(it.bootstrap, scripted=scripted))
        ingest = await stack.enter_async_context(AudioIngestService(bus))
        await all_are_there(bus)
        yield Hall(bus, ingest, staff, {})


async def published(bus: Bus) -> list[Record]:
    """Read everything that came of it, partition by partition."""
    partitions = {topic.name: range(topic.partitions) for topic in TOPICS}
    places = [(name, number) for name in RESULTS for number in partitions[name]]
    return [record for name, number in places async for record in bus.history(name, partition=number)]


def spelled(user: int, count: int) -> Iterator[tuple[bytes, str]]:
    """Give utterances of four to nine words, each unlike any other, with a pause in the longer ones."""
    for number in range(count):
        words = [1 + user * 3_000 + number * 10 + at for at in range(4 + number % 6)]
        if len(words) > 7:
            words[4:4] = [PAUSE, PAUSE]
        yield spell(words), text_of(words)
