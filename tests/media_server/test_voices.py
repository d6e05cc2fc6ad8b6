"""The voices of a room."""

import msgspec
from prometheus_client import REGISTRY

from media_server.events import DelaysChanged, RestoreOriginal, SlotChanged, Speaking, SuppressOriginal, VoiceSounding
from media_server.settings import MediaSettings
from pipeline.messages import Target, Transcript
from tests.fakes.hall import Hall


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("parley_speech_refused_total", {"why": why}) or 0.0


def lost(why: str) -> float:
    return REGISTRY.get_sample_value("parley_voice_clauses_lost_total", {"why": why}) or 0.0


async def test_speech_of_unknown_utterances_is_refused() -> None:
    """Voices of another node's utterances, under another name, or of a replay, are never heard."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    before = refused("unknown")
    (record, *_) = hall.speak(ann, revision=5)
    heard = len(bob.heard("voice", ann))
    for change in ({"utterance_id": "other"}, {"user_id": "bob"}, {"purpose": "replay"}):
        hall.room.speech(msgspec.structs.replace(record, **change))
    assert refused("unknown") - before == 3
    assert len(bob.heard("voice", ann)) == heard
    await hall.room.close()


async def test_redelivered_speech_is_heard_once() -> None:
    """Records that come again, while playing or long after, are counted and not heard."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    before = refused("duplicate_or_superseded")
    records = [*hall.speak(ann, last=True), *hall.speak(ann, last=True)]
    hall.advance(3.0)
    for record in records[:2]:
        hall.room.speech(record)
    hall.advance(1.0)
    assert len(bob.heard("voice", ann)) == 4
    assert refused("duplicate_or_superseded") - before == 4
    await hall.room.close()


async def test_dialects_share_a_voice() -> None:
    """Listeners in Spain and Mexico hear one voice."""
    hall = Hall()
    ann = await hall.join("ann")
    listeners = [await hall.join("bob", hears="es-ES"), await hall.join("cai", hears="es-MX")]
    ann.say()
    hall.speak(ann, language="es-ES", last=True)
    hall.advance(1.0)
    assert [len(listener.heard("voice", ann)) for listener in listeners] == [4, 4]
    await hall.room.close()


async def test_languages_do_not_wait_for_each_other() -> None:
    """Each language has its own queue: French is heard while Spanish is."""
    hall = Hall()
    ann = await hall.join("ann")
    bob, cai = await hall.join("bob", hears="es"), await hall.join("cai", hears="fr")
    ann.say()
    hall.speak(ann, language="es", packets=50, last=True)
    hall.speak(ann, language="fr", packets=50, last=True)
    hall.advance(0.2)
    assert len(bob.heard("voice", ann)) == len(cai.heard("voice", ann)) == 11
    await hall.room.close()


async def test_overlap_lets_voices_sound_at_once() -> None:
    """With the setting two speakers' voices are heard at the same time, each in its slot."""
    hall = Hall(MediaSettings(overlap=True))
    ann, bob = await hall.join("ann"), await hall.join("bob")
    cai = await hall.join("cai", hears="es")
    for speaker in (ann, bob):
        speaker.say()
    for speaker in (ann, bob):
        hall.speak(speaker, packets=50, last=True)
    hall.advance(0.2)
    assert len(cai.heard("voice", ann)) == len(cai.heard("voice", bob)) == 11
    await hall.room.close()


async def test_backlog_is_that_of_the_language() -> None:
    """What waits in one language delays nobody in another."""
    hall = Hall()
    ann = await hall.join("ann")
    await hall.join("bob", hears="es")
    ann.say()
    hall.speak(ann, packets=50, last=True)
    voices = hall.room._voices
    assert voices.backlog_ms("ann", "es") == 1980
    assert voices.backlog_ms("ann", "fr") == 0
    await hall.room.close()


async def test_expectations_need_a_path() -> None:
    """A clause in a language nobody can speak is not missed."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    hall.worker("synthesis", lambda status: msgspec.structs.replace(status, languages=("fr",)))
    ann.begin()
    hall.transcribe(ann)
    told = len(bob.told)
    ann.talk(5.2)
    assert [event for event in bob.told[told:] if type(event).__name__ == "Notice"] == []
    await hall.room.close()


async def test_players_that_are_idle_are_let_go() -> None:
    """A minute after its last voice a language costs nothing."""
    hall = Hall()
    ann = await hall.join("ann")
    await hall.join("bob", hears="es")
    ann.say()
    hall.speak(ann, last=True)
    hall.advance(30.0)
    assert hall.room._voices._players
    hall.advance(40.0)
    assert not hall.room._voices._players
    assert not hall.room._voices._utterances
    await hall.room.close()


async def test_voice_goes_to_who_needs_it(hall: Hall) -> None:
    """The translation is heard by the listener of that language only; the speaker never hears themselves."""
    ann = await hall.join("ann", hears="es")
    bob, cai = await hall.join("bob", hears="es"), await hall.join("cai")
    ann.say()
    (first, second) = hall.speak(ann, last=True)
    hall.advance(1.0)
    assert bob.heard("voice", ann) == [*first.packets, *second.packets]
    assert cai.heard("voice", ann) == []
    assert ann.heard("voice", ann) == []


async def test_voice_is_announced_and_taken_back_in_order(hall: Hall) -> None:
    """Slot and suppression come before the first packet; when nothing follows, restoration and the slot's end."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    bob.told.clear()
    hall.speak(ann, last=True)
    outlet = bob.outlet("voice", ann)
    assert outlet is not None
    assert [type(event) for event in bob.told] == [SlotChanged, SuppressOriginal, VoiceSounding]
    hall.advance(1.0)
    assert outlet.resting
    later = [event for event in bob.told[3:] if not isinstance(event, Speaking | DelaysChanged)]
    assert [type(event) for event in later] == [RestoreOriginal, SlotChanged]
    assert later[-1] == SlotChanged(mid=outlet.mid, kind="none")


async def test_late_voice_is_not_spoken(hall: Hall) -> None:
    """A voice that comes after its deadline is never heard."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    hall.speak(ann, last=True, ended_at_ms=hall.clock.epoch_ms() - 5_100)
    hall.advance(1.0)
    assert bob.heard("voice", ann) == []


async def test_silent_pipeline_counts_as_paused(hall: Hall) -> None:
    """Workers say they are well and deliver nothing: after two utterances originals stay, until a voice is in time."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    for _ in range(2):
        ann.say()
        hall.transcribe(ann, last=True)
        hall.advance(6.0)
    assert bob.codes == ["translation_paused"]
    ann.begin()
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    hall.speak(ann, last=True)
    ann.end()
    assert bob.codes == ["translation_paused", "translation_resumed"]
    assert bob.heard("voice", ann) == []


async def test_two_voices_one_after_the_other(hall: Hall) -> None:
    """Both are translated; the voices take turns, each in its speaker's slot."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    cai = await hall.join("cai", hears="es")
    ann.say()
    bob.say()
    hall.speak(ann, last=True)
    hall.speak(bob, last=True)
    hall.advance(1.0)
    sounds = sorted(
        (packet.arrived, source.split(":")[1]) for outlet in cai.peer.outlets for source, packet in outlet.forwarded
    )
    assert [speaker for _, speaker in sounds] == ["ann"] * 4 + ["bob"] * 4
    assert len({outlet.mid for outlet in cai.peer.outlets if outlet.forwarded}) == 2


async def test_both_ways_at_once(hall: Hall) -> None:
    """An English and a Spanish speaker who talk at once each hear the other's voice and nothing of their own."""
    ann = await hall.join("ann", speaks="en", hears="en")
    eva = await hall.join("eva", speaks="es", hears="es")
    ann.say()
    eva.say()
    spanish = hall.speak(ann, language="es", last=True)
    english = hall.speak(eva, language="en", last=True)
    hall.advance(1.0)
    assert eva.heard("voice", ann) == [packet for record in spanish for packet in record.packets]
    assert ann.heard("voice", eva) == [packet for record in english for packet in record.packets]
    assert ann.heard("floor", eva) == eva.heard("floor", ann) == []


async def test_speculative_voice_waits_for_the_end(hall: Hall) -> None:
    """What was said ahead is heard with the end of speech, not before; not at all if speech goes on."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    ann.analyser.maybe_end(1)
    ann.send()
    hall.speak(ann, revision=1, speculative=True, last=True)
    hall.advance(0.1)
    assert bob.heard("voice", ann) == []
    ann.analyser.resume(1)
    ann.analyser.maybe_end(2)
    ann.send()
    right = hall.speak(ann, revision=2, speculative=True, last=True)
    ann.end(confirms=2)
    assert bob.heard("voice", ann) == [right[0].packets[0]], "the first packet leaves with the end of speech"
    hall.advance(0.5)
    assert bob.heard("voice", ann) == [packet for each in right for packet in each.packets]


async def test_failed_recognition_brings_the_original(hall: Hall) -> None:
    """A clause that recognition gave up is missed at once."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    hall.transcribe(ann, text="", skipped=True)
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) + 1 :] == sent[1:]


async def test_voice_that_does_not_come_brings_the_original(hall: Hall) -> None:
    """Five seconds after a committed clause without a voice the rest of what is being said is heard as it is."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    hall.transcribe(ann)
    ann.talk(4.9)
    assert bob.heard("floor", ann) == []
    ann.talk(0.3)
    assert bob.codes == ["translation_paused"]
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    ann.end()
    assert bob.codes == ["translation_paused", "translation_resumed"]
    floor = len(bob.heard("floor", ann))
    ann.begin()
    ann.talk(0.2)
    assert len(bob.heard("floor", ann)) == floor


async def test_voices_take_turns_in_one_slot() -> None:
    """With a single voice slot the next speaker's voice has it at once, though the former one's is still kept."""
    hall = Hall(MediaSettings(floor_slots=1, voice_slots=1))
    hall.peers.slots = 2
    ann, bob = await hall.join("ann"), await hall.join("bob")
    cai = await hall.join("cai", hears="es")
    for speaker in (ann, bob):
        speaker.say()
    for speaker in (ann, bob):
        hall.speak(speaker, last=True)
    hall.advance(0.3)
    assert len(cai.heard("voice", ann)) == len(cai.heard("voice", bob)) == 4
    await hall.room.close()


async def test_voice_without_a_slot_brings_the_original_back() -> None:
    """Whoever has no slot for a voice hears the speaker as they are, and the clause counts as lost."""
    hall = Hall(MediaSettings(floor_slots=1, voice_slots=1, overlap=True))
    hall.peers.slots = 2
    ann, bob = await hall.join("ann"), await hall.join("bob")
    cai = await hall.join("cai", hears="es")
    for speaker in (ann, bob):
        speaker.begin()
    hall.speak(ann, packets=50, last=True)
    before = lost("unseated")
    hall.speak(bob, packets=50)
    hall.advance(0.05)
    sent = bob.talk(0.2)
    assert cai.heard("voice", bob) == []
    assert cai.heard("floor", bob)[-len(sent) :] == sent
    assert cai.codes == ["translation_paused"]
    assert lost("unseated") - before == 1
    bob.end()
    assert cai.codes == ["translation_paused", "translation_resumed"]
    hall.advance(16.0)
    hall.ledger.tick()
    assert [figures.voices[0].lost for figures in hall.figures if figures.speaker_id == "bob"] == [{"unseated": 1}]
    await hall.room.close()


async def test_newcomer_in_a_pause_between_clauses_changes_nothing(hall: Hall) -> None:
    """Within the hold of a voice somebody joins: the original stays low for who listens."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    hall.speak(ann, 0)
    hall.advance(0.2)
    await hall.join("cai", hears="fr")
    hall.speak(ann, 1, last=True)
    hall.advance(0.1)
    assert bob.events(RestoreOriginal) == []
    assert len(bob.heard("voice", ann)) == 8


async def test_speaker_who_changes_their_language_is_interrupted(hall: Hall) -> None:
    """What they said in the former one stops at once, and what still comes of it is not heard; the next words are."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="fr")
    ann.say()
    hall.speak(ann, language="fr", packets=50)
    hall.advance(0.2)
    heard = len(bob.heard("voice", ann))
    ann.participant.set_languages(speaking="es")
    before = refused("unknown")
    rest = hall.speak(ann, 1, language="fr", last=True)
    hall.advance(2.0)
    assert heard > 5
    assert len(bob.heard("voice", ann)) == heard
    assert bob.outlet("voice", ann) is None
    assert refused("unknown") - before == len(rest)
    ann.participant.set_languages(speaking="en")
    ann.say()
    hall.speak(ann, language="fr", last=True)
    hall.advance(1.0)
    assert len(bob.heard("voice", ann)) > heard


async def test_other_changes_interrupt_nobody(hall: Hall) -> None:
    """Who chooses another language to hear goes on being heard in all others."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    hall.speak(ann, packets=50, last=True)
    hall.advance(0.2)
    ann.participant.set_languages(listening="fr")
    hall.advance(3.0)
    assert len(bob.heard("voice", ann)) == 100


async def test_a_voice_that_nobody_is_to_hear_is_not_missed() -> None:
    """A target that is only read makes nobody wait, whatever becomes of it."""
    hall = Hall()
    ann, _ = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.say()
    hall.room.transcript(
        Transcript(
            room_id="hall",
            user_id="ann",
            sequence_number=1,
            utterance_id=ann.utterance.utterance_id,
            payload="",
            language="en",
            clause=0,
            is_final=True,
            skipped=True,
            targets=(Target("fr", voice=False),),
        )
    )
    assert not hall.room._voices._lateness
    assert not hall.room._voices._players
    await hall.room.close()


async def test_who_listens_is_told_when_a_voice_is_over() -> None:
    """Those of its tongue, once nothing of the utterance is to come; nobody else."""
    hall = Hall()
    ann, bob, cat = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("cat", hears="fr")
    over: list[tuple[str, str, str]] = []
    bob.participant.listener.on_voice_over = lambda speaker, utterance: over.append(("bob", speaker, utterance))
    cat.participant.listener.on_voice_over = lambda speaker, utterance: over.append(("cat", speaker, utterance))
    ann.say()
    hall.speak(ann, last=True)
    hall.advance(0.02)
    assert over == []
    hall.advance(0.2)
    assert over == [("bob", "ann", ann.utterance.utterance_id)]
    await hall.room.close()
