"""All rooms of a node, on a real bus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from media_server.analysis.analyser import Analysis
from media_server.close_reason import CloseReason
from media_server.events import Notice
from media_server.figures import UtteranceFigures
from media_server.ingest import AudioIngestService
from media_server.packet import AudioPacket
from media_server.room import Room
from media_server.rooms import Rooms
from media_server.settings import MediaSettings
from media_server.speaker import AnalyserFactory
from pipeline.bus.bus import Subscription, Wants
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk, RoomSettings
from tests.fakes.clock import FakeClock
from tests.fakes.hall import WORKERS
from tests.fakes.node import Node, running
from tests.fakes.peers import FakePeers
from tests.fakes.said import transcript
from tests.fakes.speech import record
from tests.pipeline.support import listening
from tests.support.opus import encode
from tests.support.recordings import Recording, silence
from tests.support.until import until


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running() as node:
        yield node


async def test_room_is_opened_once_and_ends_when_empty(node: Node) -> None:
    """The same name is the same room until it is empty; then it is another one."""
    room = node.rooms.open("hall")
    assert node.rooms.open("hall") is room
    assert node.rooms.get("hall") is room
    participant = await node.join("ann")
    await participant.leave()
    assert node.rooms.get("hall") is None
    assert len(node.rooms) == 0
    assert node.rooms.open("hall") is not room


async def test_readers_are_known_before_their_room_is_open(node: Node) -> None:
    """Whoever reads there first is a reason to recognise from the first word on, until they go."""
    await node.workers()
    room = node.rooms.open("hall")
    ann = await node.join("ann")
    assert _analysed(room) == ["ann"]
    node.rooms.set_readers("hall", None)
    assert _analysed(room) == []
    await ann.leave()
    node.rooms.set_readers("hall", frozenset({"fr"}))
    another = node.rooms.open("hall")
    await node.join("ann")
    assert _analysed(another) == ["ann"]


def _analysed(room: Room) -> list[str]:
    return [name for name, member in room.participants.items() if member.speaker.wanted]


async def test_copies_for_late_joiners_are_no_news_of_a_room(node: Node) -> None:
    """What somebody said long ago does not tell which language they speak now."""
    ann = await node.join("ann")
    ann.set_languages(speaking="auto")
    for purpose, heard in (("history", None), ("replay", None), ("live", "es")):
        text = transcript("hola", room_id="hall", user_id="ann", language="es", purpose=purpose)
        await node.bus.publish(text)
        for _ in range(20):
            await asyncio.sleep(0)
        assert ann.heard_language == heard, purpose


async def test_rooms_are_counted(node: Node) -> None:
    """Open ones only, each once."""
    before = REGISTRY.get_sample_value("parley_rooms") or 0
    node.rooms.open("hall")
    node.rooms.open("hall")
    participant = await node.join("ann")
    assert REGISTRY.get_sample_value("parley_rooms") == before + 1
    await participant.leave()
    assert REGISTRY.get_sample_value("parley_rooms") == before


async def test_workers_words_reach_the_rooms(node: Node) -> None:
    """What can be translated is learnt from the bus, and who waits for it is told."""
    await node.join("ann")
    await node.join("bob", hears="es")
    assert [event.code for event in node.told["bob"] if isinstance(event, Notice)] == ["no_translation"]
    await node.workers()
    assert [event.code for event in node.told["bob"] if isinstance(event, Notice)][-1] == "translation_resumed"


async def test_silent_workers_are_noticed_by_the_tick(node: Node) -> None:
    """Six seconds without a word from the workers, and the rooms know."""
    await node.workers()
    await node.join("ann")
    await node.join("bob", hears="es")
    node.clock.advance(6.2)
    assert not node.rooms.paths.can("en", "es")
    assert [event.code for event in node.told["bob"] if isinstance(event, Notice)] == ["translation_paused"]


async def test_sound_goes_out_and_speech_comes_in(node: Node) -> None:
    """Chunks are published for recognition; the speech that comes back is heard in its room only."""
    await node.workers()
    ann = await node.join("ann")
    await node.join("bob", hears="es")
    await node.join("eva", room="other", hears="es")
    async with node.bus.subscribe(AudioChunk.TOPIC) as chunks:
        peer = node.peers.made[0]
        node.speak(at=0)
        node.analysis.made[0].start(node.clock.epoch_ms())
        node.analysis.made[0].sound()
        node.speak(at=1)
        async with asyncio.timeout(2):
            published = await anext(aiter(chunks))
    assert isinstance(published.message, AudioChunk)
    assert [target.language for target in published.message.targets] == ["es"]
    assert peer.raised == []
    utterance = ann.speaker.utterance
    assert utterance is not None
    speech = record(utterance, end=True, last=True, ended_at_ms=node.clock.epoch_ms())
    await node.bus.publish(speech)
    bob, eva = node.peers.made[1], node.peers.made[2]
    await node.until(lambda: any(outlet.forwarded for outlet in bob.outlets))
    node.clock.advance(0.2)
    assert [outlet.payloads for outlet in bob.outlets if outlet.forwarded] == [list(speech.packets)]
    assert not any(outlet.forwarded for outlet in eva.outlets)


async def test_workers_are_told_what_a_room_asks_and_when_it_ends(node: Node) -> None:
    """So that they forget what they know of it."""
    async with listening(node.bus, RoomSettings.TOPIC) as heard:
        ann = await node.join("ann")
        node.rooms.announce(RoomSettings(room_id="hall", formality="more"))
        await node.until(lambda: heard.messages)
        await ann.leave()
        await node.until(lambda: len(heard.messages) == 2)
    assert heard.messages == [
        RoomSettings(room_id="hall", formality="more"),
        RoomSettings(room_id="hall", ended=True),
    ]


async def test_bad_record_costs_that_record(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in one record is logged, and the next one is taken."""
    monkeypatch.setattr(node.rooms.paths, "update", lambda _: 1 / 0)
    with capture_logs() as logs:
        await node.bus.publish(WORKERS["recognition"])
        await node.until(lambda: logs)
    monkeypatch.undo()
    await node.workers()
    assert [log["event"] for log in logs] == ["record_failed"]


async def test_bad_tick_costs_one_room_one_tick(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in one room's tick is logged; other rooms and later ticks go on."""
    bad, good = node.rooms.open("bad"), node.rooms.open("good")
    ticks: list[str] = []
    monkeypatch.setattr(bad, "tick", lambda: 1 / 0)
    monkeypatch.setattr(good, "tick", lambda: ticks.append("good"))
    with capture_logs() as logs:
        node.clock.advance(0.11)
    assert ticks == ["good", "good"]
    assert [log["what"] for log in logs] == ["bad", "bad"]


class FlakyBus(MemoryBus):
    """One that can be said to be down, and that remembers who wants what."""

    is_up = True
    wants: Wants | None = None

    @property
    def up(self) -> bool:
        return self.is_up and super().up

    def subscribe(  # type: ignore[override]
        self, *topics: str, group: str = "", wants: Wants | None = None
    ) -> AbstractAsyncContextManager[Subscription]:
        self.wants = wants
        return super().subscribe(*topics, group=group, wants=wants)


@pytest.fixture
async def flaky() -> AsyncIterator[tuple[Node, FlakyBus]]:
    async with FlakyBus() as bus:
        node = Node(bus)
        async with node.rooms:
            await node.workers()
            yield node, bus


def codes(node: Node, name: str) -> list[str]:
    return [event.code for event in node.told[name] if isinstance(event, Notice)]


async def test_without_the_bus_everybody_hears_the_original(flaky: tuple[Node, FlakyBus]) -> None:
    """Whoever needs a translation is told so with the next tick, and again when it is back; nobody else is."""
    node, bus = flaky
    ann = await node.join("ann")
    await node.join("bob", hears="es")
    with capture_logs() as logs:
        bus.is_up = False
        node.clock.advance(0.06)
        assert codes(node, "bob") == ["translation_paused"]
        assert ann.speaker.wanted, "who speaks is listened to, so that it can go on at once"
        node.clock.advance(1)
        bus.is_up = True
        node.clock.advance(0.06)
    assert codes(node, "bob") == ["translation_paused", "translation_resumed"]
    assert codes(node, "ann") == []
    reached = [entry["event"] for entry in logs if entry["event"].startswith("workers_")]
    assert reached == ["workers_out_of_reach", "workers_reached"]


async def test_when_the_bus_is_back_everybody_begins_anew(flaky: tuple[Node, FlakyBus]) -> None:
    """Who talks on through all of it is translated from there, not from the next pause; once is enough."""
    node, bus = flaky
    ann = await node.join("ann")
    await node.join("bob", hears="es")
    bus.is_up = False
    node.clock.advance(0.06)
    node.speak(at=0)
    node.analysis.made[0].start(node.clock.epoch_ms())
    node.speak(at=1)
    begun = ann.speaker.utterance
    assert begun is not None
    bus.is_up = True
    node.clock.advance(0.06)
    assert begun.ended
    node.analysis.made[0].start(node.clock.epoch_ms())
    node.speak(at=2)
    node.rooms._paths_changed()
    assert ann.speaker.utterance not in (None, begun)


async def test_after_a_long_interruption_the_workers_are_waited_for(flaky: tuple[Node, FlakyBus]) -> None:
    """Their last word is too old by then: the originals stay until they have spoken."""
    node, bus = flaky
    await node.join("ann")
    await node.join("bob", hears="es")
    bus.is_up = False
    node.clock.advance(7)
    bus.is_up = True
    node.clock.advance(0.06)
    assert codes(node, "bob") == ["translation_paused"]
    await node.workers()
    assert codes(node, "bob") == ["translation_paused", "translation_resumed"]


async def test_sound_that_does_not_get_away_is_no_bus_either(
    flaky: tuple[Node, FlakyBus], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bus that says it is up, and takes nothing."""
    node, _ = flaky
    await node.join("ann")
    await node.join("bob", hears="es")
    monkeypatch.setattr(AudioIngestService, "up", False)
    node.clock.advance(0.06)
    assert codes(node, "bob") == ["translation_paused"]


async def test_only_records_of_its_own_rooms_are_wanted(flaky: tuple[Node, FlakyBus]) -> None:
    """Others are not even decoded; what workers say of themselves is for every node."""
    node, bus = flaky
    assert bus.wants is not None
    assert not bus.wants("hall/ann")
    await node.join("ann")
    assert bus.wants("hall/ann/es")
    assert not bus.wants("hallway/ann/es")
    assert bus.wants("stt-rack4-0")


async def test_the_age_of_the_last_record_is_known(node: Node) -> None:
    """For whoever looks after the node."""
    assert node.rooms.record_age_s is None
    await node.workers()
    node.clock.advance(3)
    assert node.rooms.record_age_s == pytest.approx(3)


async def test_leaving_closes_everything() -> None:
    """Everybody is let go with one reason, connections are closed, timers and tasks are gone; once is enough."""
    async with running() as node:
        await node.workers()
        ann = await node.join("ann")
        room = node.rooms.open("hall")
        node.speak(at=0)
        node.analysis.made[0].start(node.clock.epoch_ms())
        node.speak(at=1)
        lines: list[UtteranceFigures] = []
        node.rooms.ledger.hooks.append(lines.append)
    assert ann.close_reason is CloseReason.SHUTDOWN
    assert node.peers.made[0].closes == 1
    assert room.closed
    assert node.clock.pending == 0
    assert len(lines) == 1, "what was being said has its line"
    with pytest.raises(RuntimeError):
        node.rooms.open("hall")


async def test_rooms_outlive_their_bus() -> None:
    """When the bus ends first, rooms still close in order."""
    async with MemoryBus() as bus:
        node = Node(bus)
        async with node.rooms:
            await node.join("ann")
            await bus.close()
            await asyncio.sleep(0)
    assert node.peers.made[0].closes == 1


async def test_analysis_is_loaded_when_none_is_given() -> None:
    """Without a factory the real analysis is made ready on entering."""
    async with MemoryBus() as bus, Rooms(bus=bus, new_peer=FakePeers()) as rooms:
        assert rooms._analyser_factory is not None
        assert rooms._analyser_factory().close() == []


async def test_only_those_who_speak_are_looked_at_every_20_ms() -> None:
    """In the middle of an utterance 50 times a second on top of the 20 for everybody."""
    async with running() as node:
        ana = await node.join("ana")
        await node.workers()
        node.speak(at=0)
        node.analysis.made[0].start(0)
        node.speak(at=1)
        assert ana.speaker.utterance is not None
        looks: list[float] = []
        ana.speaker.tick = lambda: looks.append(node.clock.now())  # type: ignore[method-assign]
        node.clock.advance(1.0)
        assert len(looks) == pytest.approx(70, abs=2)
        looks.clear()
        ana.speaker.close()
        node.clock.advance(1.0)
        assert len(looks) == pytest.approx(20, abs=1)


async def test_speech_ends_as_soon_when_silence_is_not_sent(recordings: tuple[Recording, ...]) -> None:
    """A browser that stops sending 200 ms into a pause is heard out at most 20 ms later than one that goes on."""
    analysis, recording = await asyncio.to_thread(Analysis.load), recordings[3]
    steady = await ended_after_s(analysis, recording, dtx=False)
    thrifty = await ended_after_s(analysis, recording, dtx=True)
    assert steady - 0.1 <= thrifty <= steady + 0.021


async def ended_after_s(analysis: AnalyserFactory, recording: Recording, *, dtx: bool) -> float:
    """Say a recording, then nothing; give how long after its speech the utterance ended."""
    packets = encode(np.concatenate([recording.samples, silence(1.0)]))
    unsent = round((recording.speech_end_s + 0.2) * 50)
    clock, peers = FakeClock(), FakePeers()
    async with (
        MemoryBus() as bus,
        Rooms(bus=bus, new_peer=peers, analyser_factory=analysis, clock=clock, settings=MediaSettings()) as rooms,
    ):
        for status in WORKERS.values():
            await bus.publish(status)
        await until(lambda: rooms.paths.can("en", "es"))
        ana = rooms.open("hall").join(
            participant_id="ana",
            name="Ana",
            speaking_language="en",
            listening_language="en",
            original="off",
            events=lambda _: None,
        )
        await ana.answer("offer")
        # Packets do not come with the ticks.
        clock.advance(0.007)
        began, ended = clock.now(), 0.0
        for number, payload in enumerate(packets):
            if not dtx or number < unsent or (number - unsent) % 20 == 19:
                peers.made[0].hear(AudioPacket(number, number * 960, payload, None, None, clock.now()))
            for _ in range(20):
                if ana.speaker.utterance is not None:
                    ended = 0.0
                elif not ended:
                    ended = clock.now()
                clock.advance(0.001)
            await asyncio.sleep(0)
        return ended - began - recording.speech_end_s
