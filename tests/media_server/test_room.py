"""A room with people in it: who gets which packets, and what they are told."""

import asyncio

import pytest

from media_server.close_reason import CloseReason
from media_server.events import (
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    RestoreOriginal,
    Speaking,
    SuppressOriginal,
)
from media_server.room import RoomClosedError
from tests.fakes.hall import Hall


async def test_same_language_hears_the_original(hall: Hall) -> None:
    """Every packet from the first sound on is forwarded untouched to who understands it, and to nobody else."""
    ann, bob, cai = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("cai")
    sent = ann.talk(0.5)
    assert cai.heard("floor", ann) == sent
    assert bob.heard("floor", ann) == []
    assert ann.heard("floor", ann) == []


async def test_chunks_say_who_listens(hall: Hall) -> None:
    """Recognition is told every language listened to by others but the speaker's own, with what waits to be played."""
    ann = await hall.join("ann", hears="fr")
    await hall.join("bob", hears="es-MX")
    await hall.join("cai", hears="en-GB")
    ann.begin()
    assert [target.language for target in hall.ingest.chunks[-1].targets] == ["es-MX"]
    hall.speak(ann, packets=50)
    ann.end()
    assert hall.ingest.chunks[-1].targets[0].backlog_ms == 100 * 20 - 20
    assert hall.ingest.chunks[-1].last


async def test_switch_to_the_original_is_at_once(hall: Hall) -> None:
    """In the middle of a voice: it stops, the original comes with the next packet, within 300 ms, in the same slots."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    hall.speak(ann, packets=100)
    ann.talk(0.5)
    voices = len(bob.heard("voice", ann))
    assert voices > 20
    assert bob.heard("floor", ann) == []
    bob.participant.set_languages(listening="en")
    sent = ann.talk(0.3)
    assert bob.heard("floor", ann) == sent
    assert len(bob.heard("voice", ann)) == voices
    assert bob.events(RestoreOriginal)


async def test_switch_to_the_voice_is_from_the_next_utterance(hall: Hall) -> None:
    """Who stops understanding hears the utterance out; the next one comes as a voice only."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.begin()
    bob.participant.set_languages(listening="es")
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    hall.speak(ann, last=True)
    ann.end()
    assert bob.heard("voice", ann) == []
    floor = len(bob.heard("floor", ann))
    ann.say()
    ann.talk(0.2)
    hall.speak(ann, last=True)
    hall.advance(0.5)
    assert len(bob.heard("floor", ann)) == floor
    assert len(bob.heard("voice", ann)) == 4


async def test_original_low_keeps_the_floor(hall: Hall) -> None:
    """Who wants the original beside the voice gets both, and the page is told when to lower it."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es", original="low")
    ann.begin()
    hall.speak(ann)
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    assert len(bob.heard("voice", ann)) == 4
    assert bob.events(SuppressOriginal) == [SuppressOriginal(speaker_id="ann")]
    bob.participant.set_original("off")
    floor = len(bob.heard("floor", ann))
    ann.talk(0.2)
    assert len(bob.heard("floor", ann)) == floor


async def test_failing_analysis_touches_nobodys_floor(hall: Hall) -> None:
    """Who understands the speaker notices nothing; who does not hears the original at once and is told."""
    ann, bob, cai = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("cai")
    ann.begin()
    before = ann.talk(0.2)
    ann.analyser.breaks = True
    sent = ann.talk(0.2)
    assert cai.heard("floor", ann)[-20:] == [*before, *sent]
    assert bob.heard("floor", ann) == sent[1:]
    assert bob.codes == ["translation_paused"]
    assert cai.codes == []
    assert hall.ingest.chunks[-1].last, "recognition is told that the utterance is over"


async def test_analysis_recovers(hall: Hall) -> None:
    """Five seconds later it is tried again; when it has heard an utterance out, listeners are told, and hear voices."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.analyser.breaks = True
    ann.talk(4.8)
    assert bob.codes == ["translation_paused"]
    ann.talk(0.4)
    hall.analysers["ann"] = hall.analysis.made[-1]
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    assert bob.codes == ["translation_paused"]
    ann.say()
    assert bob.codes == ["translation_paused", "translation_resumed"]
    floor = len(bob.heard("floor", ann))
    ann.say()
    hall.speak(ann, last=True)
    hall.advance(0.2)
    assert len(bob.heard("floor", ann)) == floor
    assert len(bob.heard("voice", ann)) == 4


async def test_closed_tab_is_heard_to_the_end(hall: Hall) -> None:
    """Who leaves in mid-sentence has it ended for them, and its voice plays on in their slot."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    await ann.participant.leave(CloseReason.GONE)
    assert hall.ingest.chunks[-1].last
    assert bob.events(ParticipantLeft) == [ParticipantLeft(participant_id="ann", reason="gone")]
    hall.speak(ann, packets=20, last=True)
    hall.advance(0.3)
    assert bob.outlet("voice", ann) is not None
    hall.advance(2.0)
    assert len(bob.heard("voice", ann)) == 40
    assert bob.outlet("voice", ann) is None


async def test_removed_speaker_is_silent_at_once(hall: Hall) -> None:
    """Whom a host removed is not heard any longer, not even as a voice."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    hall.speak(ann, packets=50, last=True)
    hall.advance(0.2)
    heard = len(bob.heard("voice", ann))
    await ann.participant.leave(CloseReason.REMOVED)
    hall.advance(1.0)
    assert len(bob.heard("voice", ann)) == heard
    assert bob.outlet("voice", ann) is None


async def test_joining_in_mid_utterance(hall: Hall) -> None:
    """A newcomer hears the rest of it as it is, none of its voice, and the next utterance as a voice."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    cai = await hall.join("cai", hears="es")
    sent = ann.talk(0.2)
    hall.speak(ann, packets=10, last=True)
    hall.advance(0.5)
    assert cai.heard("floor", ann) == sent
    assert cai.heard("voice", ann) == []
    assert len(bob.heard("voice", ann)) == 20
    assert cai.codes == []
    ann.end()
    floor = len(cai.heard("floor", ann))
    ann.say()
    hall.speak(ann, last=True)
    hall.advance(0.5)
    assert len(cai.heard("voice", ann)) == 4
    assert len(cai.heard("floor", ann)) == floor


async def test_muted_microphone(hall: Hall) -> None:
    """Nothing of it is forwarded or analysed, what was being said is ended, the slot rests; and back on it goes on."""
    ann, cai = await hall.join("ann"), await hall.join("cai")
    ann.begin()
    outlet = cai.outlet("floor", ann)
    assert outlet is not None
    ann.participant.set_muted(True)
    assert hall.ingest.chunks[-1].last
    assert outlet.resting
    heard = len(cai.heard("floor", ann))
    ann.talk(0.2)
    assert len(cai.heard("floor", ann)) == heard
    assert cai.events(ParticipantUpdated)[-1].participant.muted
    ann.participant.set_muted(False)
    sent = ann.talk(0.2)
    assert cai.heard("floor", ann)[heard:] == sent


async def test_same_person_joins_again(hall: Hall) -> None:
    """The earlier one is told, closed and announced as gone; the new one is heard, in numbers of its own."""
    ann, cai = await hall.join("ann"), await hall.join("cai")
    ann.talk(0.2)
    again = await hall.join("ann")
    assert ann.codes == ["replaced"]
    assert [type(event) for event in cai.told if isinstance(event, ParticipantLeft | ParticipantJoined)] == [
        ParticipantLeft,
        ParticipantJoined,
    ]
    assert cai.events(ParticipantLeft)[0].reason == "replaced"
    heard = len(cai.heard("floor", again))
    assert ann.talk(0.1), "the earlier microphone is not heard any more"
    assert len(cai.heard("floor", again)) == heard
    sent = again.talk(0.2)
    assert cai.heard("floor", again)[-len(sent) :] == sent
    await ann.participant.leave()
    assert ann.peer.closes == 1
    assert hall.room.participants["ann"] is again.participant


async def test_change_of_the_speaking_language_ends_the_utterance(hall: Hall) -> None:
    """Recognition gets no utterance in two languages."""
    ann = await hall.join("ann")
    ann.begin()
    ann.participant.set_languages(speaking="es")
    assert hall.ingest.chunks[-1].last
    ann.begin()
    assert hall.ingest.chunks[-1].language == "es"


async def test_everybody_is_told_who_comes_and_goes(hall: Hall) -> None:
    """The others are told of a newcomer, of changes, and of who left; nobody of their own coming."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    assert [event.participant.name for event in ann.events(ParticipantJoined)] == ["Bob"]
    assert bob.events(ParticipantJoined) == []
    bob.participant.set_languages(listening="es")
    assert ann.events(ParticipantUpdated)[-1].participant.listening_language == "es"
    await bob.participant.leave()
    assert ann.events(ParticipantLeft) == [ParticipantLeft(participant_id="bob", reason="left")]


async def test_newcomer_is_told_nothing_within_join(hall: Hall) -> None:
    """What a newcomer has to know comes after `join` returned, so that their page can be told first where they are."""
    await hall.join("ann")
    bob = hall.enter("bob", hears="cy")
    assert bob.told == []
    hall.clock.advance(0)
    assert bob.codes == ["no_translation"]


async def test_room_ends_when_empty(hall: Hall) -> None:
    """With its last participant it ends, once, and lets nobody in any more."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    await ann.participant.leave()
    assert not hall.room.closed
    await bob.participant.leave()
    assert hall.ended == [hall.room]
    with pytest.raises(RoomClosedError):
        hall.enter("cai")


async def test_room_nobody_joined_ends(hall: Hall) -> None:
    """A room that was opened in vain does not stay."""
    hall.advance(29.0)
    assert not hall.room.closed
    hall.advance(2.0)
    assert hall.room.closed


async def test_closing_takes_everybody_along(hall: Hall) -> None:
    """Everybody's connection is closed, with one reason; closing again is harmless."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    await hall.room.close(CloseReason.SHUTDOWN)
    await hall.room.close()
    assert [page.peer.closes for page in (ann, bob)] == [1, 1]
    assert ann.participant.close_reason is CloseReason.SHUTDOWN
    assert hall.ended == [hall.room]


async def test_new_connection_takes_over(hall: Hall) -> None:
    """Another offer of the same participant is another connection: floors and voices go on there."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es", original="on")
    ann.begin()
    hall.speak(ann, packets=50)
    ann.talk(0.2)
    earlier = bob.peer
    await hall.connect(bob)
    await asyncio.sleep(0)
    assert earlier.closes == 1
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    assert len(bob.heard("voice", ann)) >= 10


async def test_each_utterance_leaves_its_figures(hall: Hall) -> None:
    """When the voice was heard, its books are closed."""
    ann = await hall.join("ann")
    await hall.join("bob", hears="es")
    ann.begin()
    hall.speak(ann, last=True)
    ann.end()
    hall.transcribe(ann, last=True)
    hall.advance(0.5)
    (figures,) = hall.figures
    assert figures.speaker_id == "ann"
    assert figures.voices[0].clauses[0].first_packet_at_ms


async def test_who_left_is_forgotten(hall: Hall) -> None:
    """A minute later nothing of them is kept."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    await ann.participant.leave()
    hall.advance(62.0)
    hall.speak(ann, last=True)
    hall.advance(0.5)
    assert bob.heard("voice", ann) == []
    assert hall.room._departed == {}


async def test_who_comes_back_is_not_forgotten(hall: Hall) -> None:
    """Long after leaving and joining again, somebody is heard like anybody else."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    await ann.participant.leave()
    ann = await hall.join("ann")
    hall.advance(62.0)
    ann.say()
    hall.speak(ann, last=True)
    hall.advance(0.5)
    assert len(bob.heard("voice", ann)) == 4


async def test_newcomer_is_told_who_talks(hall: Hall) -> None:
    """Whoever comes while somebody talks sees it at once, not with the next change."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.talk(0.5)
    cai = hall.enter("cai")
    hall.clock.advance(0)
    assert cai.events(Speaking) == [Speaking(speaker_ids=("ann",))]
    assert len(bob.events(Speaking)) == 1
    await ann.participant.leave()
    dee = hall.enter("dee")
    hall.clock.advance(0)
    assert dee.events(Speaking) == []


async def test_room_closes_after_the_connections_it_let_go(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was replaced is still closing: the room's own close waits for it."""
    ann = await hall.join("ann")
    closed = asyncio.Event()
    monkeypatch.setattr(ann.peer, "close", closed.wait)
    await hall.connect(ann)
    closing = asyncio.create_task(hall.room.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    closed.set()
    await closing
    assert not hall.room.closing
