"""A participant without WebRTC, in a room with others."""

import numpy as np
import pytest

from media_server.direct.connection import SLOTS, DirectConnection
from media_server.direct.decoders import SharedDecoders
from media_server.direct.frame import SoundFrame
from media_server.events import Notice
from media_server.peer import OfferError, PeerState
from tests.fakes.hall import Hall, Page

TONE = (np.sin(np.arange(1_600) / 5) * 8_000).astype(np.int16).tobytes()


class Client:
    """What one connection brought."""

    def __init__(self, hall: Hall, *, frame_ms: int = 0, receives: bool = True) -> None:
        self.frames: list[SoundFrame] = []
        self.closed = 0
        self.connection = DirectConnection(
            decoders=SharedDecoders(),
            on_frame=self.frames.append,
            on_closed=self._count,
            frame_ms=frame_ms,
            receives=receives,
            clock=hall.clock,
        )

    def _count(self) -> None:
        self.closed += 1


def enter(hall: Hall, name: str, client: Client, **more: str) -> Page:
    """Join by a direct connection."""
    page = hall.enter(name, **more)  # type: ignore[arg-type]
    page.participant.use(client.connection)
    hall.clock.advance(0)
    return page


async def test_who_is_heard_needs_no_packets(hall: Hall) -> None:
    """Sound goes to the analysis as it came, and to a browser's floor slot as Opus with its level."""
    listener = await hall.join("bob")
    client = Client(hall)
    enter(hall, "ann", client)
    client.connection.hear(TONE)
    hall.advance(0.2)
    assert hall.analysis.made[-1].sounds == [TONE]
    (outlet,) = [each for each in listener.peer.outlets if each.forwarded]
    assert len(outlet.forwarded) == 5
    assert {packet.level for _, packet in outlet.forwarded} == {15}


async def test_who_hears_gets_frames_of_each_speaker(hall: Hall) -> None:
    """A floor and its end, by the name of the speaker, with the utterance it is in."""
    client = Client(hall)
    enter(hall, "ann", client)
    bob = await hall.join("bob")
    bob.talk(0.1)
    utterance = bob.begin()
    bob.talk(0.1)
    hall.advance(3)
    assert {(frame.speaker_id, frame.kind) for frame in client.frames} == {("bob", "floor")}
    assert {frame.utterance_id for frame in client.frames} == {"", utterance.utterance_id}
    assert [frame.last for frame in client.frames] == [False] * (len(client.frames) - 1) + [True]


async def test_a_voice_says_its_clause_and_its_end(hall: Hall) -> None:
    """When it was spoken, in which language, and that nothing of it follows."""
    client = Client(hall)
    enter(hall, "ann", client, speaks="es", hears="es")
    bob = await hall.join("bob")
    bob.say()
    ended_at_ms = hall.clock.epoch_ms()
    hall.speak(bob, last=True)
    hall.advance(0.5)
    voice = [frame for frame in client.frames if frame.kind == "voice"]
    assert {(frame.utterance_id, frame.language, frame.ended_at_ms) for frame in voice} == {
        (bob.utterance.utterance_id, "es", ended_at_ms)
    }
    assert [bool(frame.sound) for frame in voice] == [True] * 4 + [False]
    assert [frame.last for frame in voice] == [False] * 4 + [True]


async def test_who_receives_nothing_is_no_listener(hall: Hall) -> None:
    """Nobody is translated for them."""
    bob = await hall.join("bob")
    enter(hall, "ann", Client(hall, receives=False), speaks="es", hears="es")
    assert hall.room.targets(bob.participant.speaker) == ()
    enter(hall, "cat", Client(hall), speaks="es", hears="es")
    assert [target.language for target in hall.room.targets(bob.participant.speaker)] == ["es"]


async def test_the_newer_source_of_sound_wins(hall: Hall) -> None:
    """A direct connection ends the browser's, which is told; a browser's ends the direct one. Slots stay eight."""
    ann = await hall.join("ann")
    client = Client(hall)
    ann.participant.use(client.connection)
    await hall.room.closing.wait()
    assert ann.peer.state is PeerState.CLOSED
    assert ann.events(Notice)[-1].code == "sound_elsewhere"
    assert ann.participant.connected
    assert len(ann.participant.slots) == SLOTS
    await ann.participant.answer("offer")
    await hall.room.closing.wait()
    assert (client.closed, client.connection.state) == (1, PeerState.CLOSED)


async def test_leaving_closes_the_connection(hall: Hall) -> None:
    """Once, and nothing comes or goes any more."""
    client = Client(hall)
    ann = enter(hall, "ann", client)
    bob = await hall.join("bob")
    await ann.participant.leave()
    await client.connection.close()
    assert client.closed == 1
    client.connection.hear(TONE)
    bob.talk(0.1)
    assert client.frames == []
    with pytest.raises(OfferError):
        ann.participant.use(Client(hall).connection)


async def test_it_takes_no_offer(hall: Hall) -> None:
    """WebRTC is another connection's."""
    connection = Client(hall).connection
    await connection.add_candidate(None)
    with pytest.raises(OfferError):
        await connection.answer("offer")
