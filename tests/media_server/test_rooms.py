"""All rooms of a node, on a real bus."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from structlog.testing import capture_logs

from media_server.analysis.analyser import Analysis
from media_server.close_reason import CloseReason
from media_server.events import Notice
from media_server.ledger import UtteranceFigures
from media_server.packet import AudioPacket
from media_server.rooms import Rooms
from media_server.settings import MediaSettings
from media_server.speaker import AnalyserFactory
from pipeline.bus.memory import MemoryBus
from pipeline.messages import AudioChunk
from tests.fakes.clock import FakeClock
from tests.fakes.hall import WORKERS
from tests.fakes.node import Node, running
from tests.fakes.peers import FakePeers
from tests.fakes.speech import record
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
        room = rooms.open("hall")
        assert room._new_analyser().close() == []


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
