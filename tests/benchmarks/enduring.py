"""Workers of all three stages in a process of their own, which work off one utterance after the other.

`python -m tests.benchmarks.enduring ENGINES COUNT EVERY`: ENGINES is `scripted`, which take no time, or `offline`:
pocketsphinx, Apertium and espeak-ng. COUNT utterances; after each EVERY it prints a JSON line: how many were said, and
the resident memory in MB of this process and of each engine's.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import REGISTRY

from parley import logs
from parley.settings import LogSettings
from parley.stages import STAGES, EngineSet, new_worker
from pipeline.bus.bus import Bus, Subscription
from pipeline.bus.memory import MemoryBus
from pipeline.clock import now_ms
from pipeline.engines.engines import Engines
from pipeline.engines.settings import EngineSettings
from pipeline.messages import AudioChunk, Speech, Target, Times
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.settings import BusSettings, PipelineSettings
from tests.fakes.engines import ScriptedTranslator, ScriptedVoicer
from tests.fakes.spelled import SpelledTranscriber, spell
from tests.support.recordings import recordings

OFFLINE = {"stt": "pocketsphinx", "translation": "apertium", "tts": "espeak"}
# Of people who talk at once, each in turn with several utterances in a room of several.
AT_ONCE = 4
SPEAKERS = 12
CHUNK_MS = 100
# Of each piece of a recording: a word or so.
PIECE_MS = 300
# Little is kept on the bus, so that what grows is a worker.
BUS = BusSettings(retained=100, queue=100, retained_s=5.0)
PATIENCE_S = 60.0


@dataclass
class Spelled:
    """Engines that take no time."""

    transcriber: SpelledTranscriber = field(default_factory=SpelledTranscriber)
    translator: ScriptedTranslator = field(default_factory=ScriptedTranslator)
    voicer: ScriptedVoicer = field(default_factory=ScriptedVoicer)

    def forget(self) -> None:
        """Forget what they were asked, which they note for tests."""
        self.translator.requests.clear()
        self.voicer.requests.clear()


@asynccontextmanager
async def engines(kind: str) -> AsyncIterator[EngineSet]:
    if kind == "scripted":
        yield Spelled()
    else:
        async with Engines.start(EngineSettings(**OFFLINE)) as started:  # type: ignore[arg-type]
            yield started


def sounds(kind: str) -> list[bytes]:
    """Give short pieces of speech, to be said again and again."""
    if kind == "scripted":
        return [spell([number, number + 1]) for number in range(1, 40, 2)]
    size = PIECE_MS * BYTES_PER_MS
    pcm = b"".join(recording.samples.tobytes() for recording in recordings())
    return [pcm[at : at + size] for at in range(0, len(pcm) - size, size)]


def utterance(number: int, pcm: bytes) -> list[AudioChunk]:
    """Cut a piece as a node does."""
    size, began = CHUNK_MS * BYTES_PER_MS, now_ms()
    cuts = range(0, len(pcm), size)
    return [
        AudioChunk(
            room_id=f"room{number % 3}",
            user_id=f"speaker{number % SPEAKERS}",
            sequence_number=number * 1_000 + index,
            utterance_id=f"u{number}",
            times=Times(captured_at_ms=began),
            payload=pcm[at : at + size],
            start_ms=index * CHUNK_MS,
            utterance_started_at_ms=began,
            language="en",
            targets=(Target("es"),),
            last=at == cuts[-1],
        )
        for index, at in enumerate(cuts)
    ]


class Listener:
    """Tells when utterances have come to the end of their voices."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}

    async def listen(self, subscription: Subscription) -> None:
        async for record in subscription:
            message = record.message
            if isinstance(message, Speech) and message.last and (event := self._waiting.get(message.utterance_id)):
                event.set()

    async def hears(self, bus: Bus, chunks: list[AudioChunk]) -> None:
        """Say an utterance, and wait until its voice is through."""
        event = self._waiting[chunks[0].utterance_id] = asyncio.Event()
        for chunk in chunks:
            await bus.publish(chunk)
        async with asyncio.timeout(PATIENCE_S):
            await event.wait()
        del self._waiting[chunks[0].utterance_id]


def resident_mb() -> dict[str, float]:
    """Give the memory of this process and of each engine's."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    found = {"workers": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)}
    for metric in REGISTRY.collect():
        if metric.name == "parley_engine_resident_bytes":
            found |= {sample.labels["engine"]: round(sample.value / 1e6, 1) for sample in metric.samples}
    return found


async def main(kind: str, count: int, every: int) -> None:
    """Say so many utterances, some at once."""
    said = sounds(kind)
    listener, numbers = Listener(), iter(range(count))
    async with MemoryBus(BUS) as bus, engines(kind) as used:
        workers = [new_worker(stage, bus, used, PipelineSettings()) for stage in STAGES]
        async with workers[0], workers[1], workers[2], bus.subscribe(Speech.TOPIC) as subscription:
            listening = asyncio.create_task(listener.listen(subscription))

            async def talk() -> None:
                for number in numbers:
                    await listener.hears(bus, utterance(number, said[number % len(said)]))
                    if (number + 1) % every == 0:
                        if isinstance(used, Spelled):
                            used.forget()
                        print(json.dumps({"said": number + 1, "resident_mb": resident_mb()}), flush=True)

            async with asyncio.TaskGroup() as talking:
                for _ in range(AT_ONCE):
                    talking.create_task(talk())
            listening.cancel()
            await asyncio.wait([listening])


if __name__ == "__main__":
    logs.configure(LogSettings(level="error"))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
