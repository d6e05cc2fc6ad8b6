"""Several rooms of one node with people in them, on a clock that the test moves: real Rooms, bus and captions.

Browsers, analysis and workers are scripted. Every packet, voice and text says where it belongs, so that whoever gets it
can be asked whether they should have: `floor|room|speaker|number`, `voice|room|speaker|utterance|language|number`, and
texts as `language|room|speaker|utterance`.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import NamedTuple

from msgspec.structs import replace

from media_server.analysis.echo_watch import EchoWatch
from media_server.analysis.segments import Ended, Segment, Sound, Started
from media_server.analysis.trace import Trace
from media_server.events import Original
from media_server.packet import AudioPacket
from media_server.participant import Participant
from media_server.paths import PathState
from media_server.rooms import Rooms
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk, Speech, Transcript, Translation
from signaling.app import build_app
from signaling.captions.audience import CaptionSink
from signaling.captions.caption import Caption, Reader
from signaling.captions.feed import CaptionFeed
from signaling.door import DOOR
from tests.fakes.clock import FakeClock
from tests.fakes.hall import SILENCE, VOICE, WORKERS
from tests.fakes.peers import FakePeer, FakePeers

VOICE_PACKETS = 6
# Turns of the event loop until whatever was published has been taken by everybody.
_TURNS = 30


class Received(NamedTuple):
    """A packet that somebody was sent."""

    kind: str
    room: str
    speaker: str
    # The packet's number; of a voice the utterance and the language before it.
    utterance: str
    language: str
    number: int

    @classmethod
    def of(cls, payload: bytes) -> "Received":
        """Read what a payload says of itself."""
        kind, room, speaker, *rest = payload.decode().split("|")
        utterance, language = rest[:2] if kind == "voice" else ("", "")
        return cls(kind, room, speaker, utterance, language, int(rest[-1]))


class TownAnalyser:
    """Finds in a speaker's packets what that speaker was told to say."""

    def __init__(self, town: "Town") -> None:
        self._town = town
        self._open = False
        self.trace = Trace()
        self.echo = EchoWatch()

    def push_sound(self, pcm: bytes, arrived: float) -> list[Segment]:
        return []

    def push(self, packet: AudioPacket) -> list[Segment]:
        _, room, speaker, _ = packet.payload.decode().split("|")
        segments, self._town.script[room, speaker] = self._town.script.get((room, speaker), []), []
        for segment in segments:
            self._open = isinstance(segment, Started | Sound)
        return segments

    def tick(self, now: float) -> list[Segment]:
        return []

    def close(self) -> list[Segment]:
        was_open, self._open = self._open, False
        return [Ended(confirms=0, speech_end_ms=100)] if was_open else []


class Person:
    """Somebody in a room, and everything that they were sent."""

    def __init__(self, town: "Town", room: str, name: str) -> None:
        self.town = town
        self.room = room
        self.name = name
        self.participant: Participant
        self.peer: FakePeer
        self.captions: list[Caption] = []
        self.reading = contextlib.ExitStack()
        # Their packet's number -> the utterance that was open when it was sent, and whether they were muted.
        self.sent: dict[int, tuple[str | None, bool]] = {}
        # How much of each outlet, and of the captions, was taken by `news`.
        self._seen: dict[int, int] = {}
        self._read = 0

    @property
    def speaks(self) -> str:
        return self.participant.info.speaking_language

    @property
    def hears(self) -> str:
        return self.participant.listener.language

    @property
    def muted(self) -> bool:
        return self.participant.info.muted

    @property
    def utterance(self) -> str | None:
        utterance = self.participant.speaker.utterance
        return utterance.utterance_id if utterance else None

    def send(self, level: int = VOICE) -> int:
        """Send one packet; give its number."""
        number = self.town.next_number()
        self.sent[number] = self.utterance, self.muted
        payload = f"floor|{self.room}|{self.name}|{number}".encode()
        self.peer.hear(AudioPacket(number, number * 960, payload, level, level < 60, self.town.clock.now()))
        return number

    def do(self, *segments: Segment) -> int:
        """Let the analysis find these in the next packet, which is sent now."""
        self.town.script.setdefault((self.room, self.name), []).extend(segments)
        return self.send()

    def news(self) -> Iterator[Received]:
        """Give what came over their slots since it was asked last, oldest first."""
        fresh = []
        for outlet in self.peer.outlets:
            forwarded = outlet.forwarded
            fresh += [(p.arrived, Received.of(p.payload)) for _, p in forwarded[self._seen.get(id(outlet), 0) :]]
            self._seen[id(outlet)] = len(forwarded)
        yield from (received for _, received in sorted(fresh, key=lambda each: each[0]))

    def fresh_captions(self) -> list[Caption]:
        """Give the captions since they were asked for last."""
        fresh, self._read = self.captions[self._read :], len(self.captions)
        return fresh

    def reader(self) -> Reader:
        return Reader(self.name, self.hears)


class Town:
    """`async with Town() as town`. Workers recognise English and Spanish; en-es, es-en and en-fr are spoken."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.peers = FakePeers()
        self.bus = MemoryBus()
        self.rooms: Rooms
        self.feed: CaptionFeed
        self.people: dict[tuple[str, str], Person] = {}
        self.script: dict[tuple[str, str], list[Segment]] = {}
        # What the workers made of each utterance, and its languages: (room, speaker, spoken, targets).
        self.said: dict[str, tuple[str, str, str, tuple[str, ...]]] = {}
        self.records: list[Speech | Transcript | Translation] = []
        self.translating = True
        self._numbers = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Town":
        await self._stack.enter_async_context(self.bus)
        rooms = Rooms(bus=self.bus, new_peer=self.peers, analyser_factory=lambda: TownAnalyser(self), clock=self.clock)
        self.rooms = await self._stack.enter_async_context(rooms)
        self.feed = build_app(self.rooms, self.bus)[DOOR].feed
        await self._stack.enter_async_context(self.feed.open())
        chunks = await self._stack.enter_async_context(self.bus.subscribe(AudioChunk.TOPIC))
        worker = asyncio.create_task(self._work(chunks), name="town-worker")
        self._stack.push_async_callback(_cancelled, worker)
        for status in WORKERS.values():
            await self.bus.publish(status)
        await self.settle()
        return self

    async def __aexit__(self, *exc: object) -> None:
        for person in list(self.people.values()):
            person.reading.close()
        await self._stack.aclose()

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    async def settle(self) -> None:
        """Let whatever was published reach whom it is for."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Let time pass, and the workers say that they are there."""
        for _ in range(max(1, round(seconds))):
            for heard in list(self.rooms.paths._workers.values()):
                self.rooms.paths.update(heard.status)
            self.clock.advance(min(seconds, 1.0))
        await self.settle()

    async def join(self, room: str, name: str, speaks: str, hears: str, original: Original) -> Person:
        """Let somebody join, connect, and read the captions."""
        person = Person(self, room, name)
        person.participant = self.rooms.open(room).join(
            participant_id=name,
            name=name.title(),
            speaking_language=speaks,
            listening_language=hears,
            original=original,
            events=lambda _: None,
        )
        self.people[room, name] = person
        await self.connect(person)
        person.reading.enter_context(self.feed.reading(room, person.reader, person.captions.append))
        await self.settle()
        return person

    async def listen(self, person: Person, language: str) -> None:
        """Let somebody hear and read another language, as the door does it."""
        person.participant.set_languages(listening=language)
        self.feed.refresh(person.room)
        await self.settle()

    async def connect(self, person: Person) -> None:
        """Let their browser make an offer, for the first time or again."""
        await person.participant.answer("offer")
        person.peer = self.peers.made[-1]
        self.clock.advance(0)
        person.send(SILENCE)

    async def read(self, room: str, reader: Reader, sink: CaptionSink) -> None:
        """Let somebody who is not in a room read its captions to the end."""
        self._stack.enter_context(self.feed.reading(room, lambda: reader, sink))
        await self.settle()

    async def leave(self, person: Person) -> None:
        """Let somebody go."""
        person.reading.close()
        await person.participant.leave()
        del self.people[person.room, person.name]
        await self.settle()

    async def set_translating(self, translating: bool) -> None:
        """Let the translator fail, or be well again."""
        self.translating = translating
        await self.bus.publish(replace(WORKERS["translation"], healthy=translating))
        await self.settle()

    def path(self, spoken: str, hears: str) -> PathState:
        return self.rooms.paths.state(spoken, hears)

    async def _work(self, chunks: object) -> None:
        """Be all workers: at the end of an utterance, everything that is to come of it."""
        async for record in chunks:  # type: ignore[attr-defined]
            chunk = record.message
            if chunk.last:
                for made in self._made_of(chunk):
                    self.records.append(made)
                    await self.bus.publish(made)

    def _made_of(self, chunk: AudioChunk) -> Iterator[Speech | Transcript | Translation]:
        spoken, utterance = chunk.language, chunk.utterance_id
        targets = tuple(target.language for target in chunk.targets)
        self.said[utterance] = (chunk.room_id, chunk.user_id, spoken, targets)
        ids = {"room_id": chunk.room_id, "user_id": chunk.user_id, "sequence_number": 1, "utterance_id": utterance}
        ended = {"clause": 0, "last": True, "ended_at_ms": self.clock.epoch_ms()}

        def text(language: str) -> str:
            return f"{language}|{chunk.room_id}|{chunk.user_id}|{utterance}"

        yield Transcript(**ids, **ended, payload=text(spoken), language=spoken, is_final=True, targets=chunk.targets)  # type: ignore[arg-type]
        for target in chunk.targets:
            language = target.language
            if not self.rooms.paths.can_read(spoken, language):
                continue
            yield Translation(
                **ids,  # type: ignore[arg-type]
                **ended,  # type: ignore[arg-type]
                payload=text(language),
                language=language,
                source_text=text(spoken),
                source_language=spoken,
                is_final=True,
            )
            if not target.voice:
                continue
            said = f"voice|{chunk.room_id}|{chunk.user_id}|{utterance}|{language}"
            packets = tuple(f"{said}|{number}".encode() for number in range(VOICE_PACKETS))
            yield Speech(**ids, **ended, packets=packets, language=language, index=0, clause_end=True)  # type: ignore[arg-type]


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
