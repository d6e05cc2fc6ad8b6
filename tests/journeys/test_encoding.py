"""A voice is made and encoded once however many listen: the stages as they are, with a real Opus encoder, counted."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import ClassVar
from unittest import mock

from media_server.packet import AudioPacket
from media_server.rooms import Rooms
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import RECOGNITION_GROUP, SYNTHESIS_GROUP, TRANSLATION_GROUP
from pipeline.engines.opus import OpusEncoder
from pipeline.engines.voicer import EncodingVoicer
from pipeline.messages import AudioChunk, Transcript, Translation
from pipeline.recognition import RecognitionStage
from pipeline.synthesis import SynthesisStage
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.analysis import ScriptedAnalysis
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, words
from tests.fakes.hosted.hummer import Engine as Hummer
from tests.fakes.peers import FakePeer, FakePeers
from tests.support.until import until

HUM_MS = 400


class Counted(OpusEncoder):
    """Counts what is asked of all encoders, and what they give."""

    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self, *args: int, **kwargs: int) -> None:
        super().__init__(*args, **kwargs)
        self.counts["encoders"] += 1

    def encode(self, pcm: bytes) -> list[bytes]:
        return self._counted(super().encode(pcm))

    def finish(self) -> list[bytes]:
        return self._counted(super().finish())

    def _counted(self, packets: list[bytes]) -> list[bytes]:
        self.counts["calls"] += 1
        self.counts["packets"] += len(packets)
        return packets


@asynccontextmanager
async def pipeline(peers: FakePeers, analysis: ScriptedAnalysis) -> AsyncIterator[Rooms]:
    """Run rooms and all three stages on one bus; whatever is said becomes a hum in Spanish."""
    transcriber = ScriptedTranscriber(words("hello", word_ms=100))
    translator = ScriptedTranslator(("en", "es"), phrases={("es", "hello"): str(HUM_MS)})
    voicer = EncodingVoicer(Hummer())
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        for worker in (
            Worker(bus, AudioChunk.TOPIC, RECOGNITION_GROUP, RecognitionStage(transcriber)),
            Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, TranslationStage(translator)),
            Worker(bus, Translation.TOPIC, SYNTHESIS_GROUP, SynthesisStage(voicer)),
        ):
            await stack.enter_async_context(worker)
        rooms = Rooms(bus=bus, new_peer=peers, analyser_factory=analysis)
        yield await stack.enter_async_context(rooms)


async def spoken_to(listeners: int) -> tuple[Counter[str], list[list[bytes]]]:
    """Let somebody say one thing to so many; give what was encoded, and what each of them heard."""
    peers, analysis = FakePeers(), ScriptedAnalysis()
    with mock.patch("pipeline.engines.voicer.OpusEncoder", Counted):
        async with pipeline(peers, analysis) as rooms:
            await until(lambda: rooms.paths.can("en", "es"))
            for index in range(listeners + 1):
                participant = rooms.open("hall").join(
                    participant_id=f"p{index}",
                    name="",
                    speaking_language="es" if index else "en",
                    listening_language="es" if index else "en",
                    original="off",
                    events=lambda _: None,
                )
                await participant.answer("offer")
            await until(lambda: all(each.welcomed for each in rooms.open("hall").participants.values()))
            Counted.counts.clear()
            await say(peers.made[0], analysis)
            # A voice that is late rests in between as well.
            await until(lambda: all(has_heard_it_out(peer) for peer in peers.made[1:]))
            return Counted.counts.copy(), [voice(peer) for peer in peers.made[1:]]


async def say(peer: FakePeer, analysis: ScriptedAnalysis) -> None:
    """Let somebody say half a second of something."""
    peer.hear(packet(0))
    (analyser,) = analysis.made
    analyser.start(time.time_ns() // 1_000_000)
    analyser.sound(5)
    peer.hear(packet(1))
    analyser.end()
    peer.hear(packet(2))


def packet(number: int) -> AudioPacket:
    return AudioPacket(number, number * 960, b"\x78sound", 30, True, time.monotonic())


def voice(peer: FakePeer) -> list[bytes]:
    """Give the payloads of voices that a browser was sent."""
    return [payload for outlet in peer.outlets[4:] for payload in outlet.payloads]


def has_heard_it_out(peer: FakePeer) -> bool:
    return len(voice(peer)) >= HUM_MS // 20 and peer.outlets[4].resting


async def test_a_voice_is_encoded_once_however_many_listen() -> None:
    """Twenty listeners cost no more encoding than one, and each of them hears every packet of it."""
    alone, heard_alone = await spoken_to(1)
    many, heard_by_many = await spoken_to(20)
    assert alone["encoders"] == many["encoders"] == 1
    assert alone == many
    assert alone["packets"] == len(heard_alone[0]) >= HUM_MS // 20
    assert [len(heard) for heard in heard_by_many] == [many["packets"]] * 20
    assert all(heard == heard_by_many[0] for heard in heard_by_many)
