"""A running door with real rooms behind it, and clients of its audio socket."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp.test_utils import TestClient
from aiohttp.web import Application, Request
from msgspec.structs import replace

from media_server.analysis.analyser import Analysis
from media_server.rooms import Rooms
from media_server.speaker import AnalyserFactory
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk, Speech
from signaling.app import build_app
from signaling.audio import wire
from signaling.audio.settings import AudioSettings
from signaling.door import DOOR, Door
from signaling.settings import SignalingSettings
from tests.fakes.hall import WORKERS
from tests.fakes.peers import FakePeers
from tests.support.recordings import Samples
from tests.support.until import until

ROOM = "demo"


def correlation(one: Samples, other: Samples) -> float:
    """Say how alike two sounds are where they fit best."""
    count = min(len(one), len(other))
    first, second = one[:count].astype(float), other[:count].astype(float)
    spectra = np.fft.rfft(first, 2 * count) * np.conj(np.fft.rfft(second, 2 * count))
    return float(np.fft.irfft(spectra).max() / np.sqrt((first @ first) * (second @ second)))


class AudioClient:
    """One audio socket, read in the background."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.texts: list[dict[str, Any]] = []
        self.sounds: list[tuple[wire.Header, bytes]] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.texts.append(json.loads(message.data))
            else:
                self.sounds.append(wire.parse(message.data))
            self._news.set()
        self._news.set()

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until something holds that changes with what is received, or else with time."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self._news.wait()

    async def told(self, kind: str, seconds: float = 5.0) -> dict[str, Any]:
        """Wait for a text message of a type, and give the last one."""
        await self.until(lambda: self.of(kind), seconds)
        return self.of(kind)[-1]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [text for text in self.texts if text["type"] == kind]

    async def closed(self) -> int | None:
        await asyncio.wait_for(asyncio.shield(self._reading), 5)
        return self.socket.close_code

    async def send(self, kind: str, **fields: object) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def say(self, samples: Samples, frame_ms: int = 100, *, rate: int = 16_000, paced: bool = False) -> None:
        """Send sound in messages of `frame_ms`, as it would be spoken if `paced`."""
        step = rate * frame_ms // 1_000
        start = time.monotonic()
        for index, at in enumerate(range(0, len(samples), step)):
            if paced:
                await asyncio.sleep(max(0.0, start + index * frame_ms / 1_000 - time.monotonic()))
            await self.socket.send_bytes(samples[at : at + step].tobytes())

    def heard(self, kind: str, speaker_id: str) -> Samples:
        """Give all sound of one speaker and kind so far."""
        parts = [sound for header, sound in self.sounds if (header.kind, header.speaker_id) == (kind, speaker_id)]
        return np.frombuffer(b"".join(parts), np.int16)

    async def close(self) -> None:
        await self.socket.close()
        await self._reading


class Stage:
    """A running door, the rooms and the bus behind it."""

    def __init__(self, http: TestClient[Request, Application], rooms: Rooms, bus: MemoryBus, peers: FakePeers) -> None:
        self.http = http
        self.rooms = rooms
        self.bus = bus
        self.peers = peers
        self.door: Door = http.app[DOOR]
        self.chunks: list[AudioChunk] = []

    @contextlib.asynccontextmanager
    async def audio(self, participant_id: str, room_id: str = ROOM, **query: str) -> AsyncIterator[AudioClient]:
        """Open an audio socket."""
        query = {"speaking_language": "en", "listening_language": "en"} | query
        query["token"] = self.door.tokens.issue(room_id, participant_id)
        async with self.http.ws_connect(f"/ws/audio/{room_id}", params=query, max_msg_size=2**20) as socket:
            client = AudioClient(socket)
            try:
                yield client
            finally:
                await client.close()

    def of(self, participant_id: str) -> list[AudioChunk]:
        """Give what recognition got of somebody."""
        return [chunk for chunk in self.chunks if chunk.user_id == participant_id]

    def utterances(self, participant_id: str) -> list[bytes]:
        """Give the sound of each utterance of somebody that has ended."""
        sounds: dict[str, bytes] = {}
        ended = []
        for chunk in self.of(participant_id):
            sounds[chunk.utterance_id] = sounds.get(chunk.utterance_id, b"") + chunk.payload
            if chunk.last:
                ended.append(chunk.utterance_id)
        return [sounds[each] for each in ended]

    async def until_heard(self, participant_id: str, chunks: int = 1) -> AudioChunk:
        """Wait until recognition has so much of somebody, and give the last of it."""
        await until(lambda: len(self.of(participant_id)) >= chunks)
        return self.of(participant_id)[-1]

    async def speak(self, chunk: AudioChunk, packets: Sequence[bytes], language: str = "es", clause: int = 0) -> None:
        """Let the synthesizer speak a clause of the utterance that a chunk is of: its last one."""
        await self.bus.publish(
            Speech(
                room_id=chunk.room_id,
                user_id=chunk.user_id,
                sequence_number=1,
                utterance_id=chunk.utterance_id,
                packets=tuple(packets),
                language=language,
                clause=clause,
                index=0,
                clause_end=True,
                last=True,
                ended_at_ms=time.time_ns() // 1_000_000,
            )
        )


OpenStage = Callable[..., Awaitable[Stage]]


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    """Give the real analysis, whose model is loaded once."""
    return Analysis.load()


@pytest.fixture
async def open_stage(aiohttp_client: Any, analysis: Analysis) -> AsyncIterator[OpenStage]:
    """Give a function that starts a door with rooms; workers say that English and Spanish are translated."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(
            *, analyser_factory: AnalyserFactory = analysis, audio: AudioSettings | None = None, **settings: Any
        ) -> Stage:
            bus, peers = await stack.enter_async_context(MemoryBus()), FakePeers()
            rooms = Rooms(bus=bus, new_peer=peers, analyser_factory=analyser_factory)
            await stack.enter_async_context(rooms)
            subscribing = bus.subscribe(AudioChunk.TOPIC, group="test")
            records = await stack.enter_async_context(subscribing)
            for status in WORKERS.values():
                await bus.publish(replace(status, at_ms=time.time_ns() // 1_000_000))
            # What is sent at once is taken at once, so that tests need not wait.
            audio = audio or AudioSettings(ahead_s=60.0)
            app = build_app(rooms, bus, SignalingSettings(audio=audio, **settings))
            stage = Stage(await aiohttp_client(app), rooms, bus, peers)

            async def collect() -> None:
                async for record in records:
                    assert isinstance(record.message, AudioChunk)
                    stage.chunks.append(record.message)

            collecting = asyncio.create_task(collect())
            stack.callback(collecting.cancel)
            await until(lambda: rooms.paths.can("en", "es"))
            return stage

        yield start


@pytest.fixture
async def stage(open_stage: OpenStage) -> Stage:
    """Give a running door with rooms."""
    return await open_stage()
