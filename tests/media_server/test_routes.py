"""Who hears what of whom, and who is analysed."""

import msgspec

from media_server.events import Notice
from media_server.settings import MediaSettings
from tests.fakes.hall import WORKERS, Hall


def analysed(hall: Hall) -> list[str]:
    return [name for name, member in hall.room.participants.items() if member.speaker.wanted]


async def test_nobody_is_analysed_whom_nobody_can_recognise() -> None:
    """Without any recogniser for a language its sound is not sent anywhere."""
    hall = Hall()
    ann, cy = await hall.join("ann"), await hall.join("cy", speaks="cy")
    assert ann.participant.speaker.wanted
    assert not cy.participant.speaker.wanted
    await hall.room.close()


async def test_recogniser_that_is_down_is_still_fed() -> None:
    """What is said while recognition restarts is not thrown away."""
    hall = Hall()
    ann = await hall.join("ann")
    hall.worker("recognition", lambda status: msgspec.structs.replace(status, healthy=False))
    assert ann.participant.speaker.wanted
    await hall.room.close()


async def test_without_captions_only_who_is_translated_is_analysed() -> None:
    """Where there are no captions, somebody must listen in another language."""
    hall = Hall(MediaSettings(captions=False))
    ann, bob = await hall.join("ann"), await hall.join("bob")
    assert analysed(hall) == []
    bob.participant.set_languages(listening="es")
    assert analysed(hall) == ["ann"]
    await bob.participant.leave()
    assert analysed(hall) == []
    assert not ann.participant.speaker.wanted
    await hall.room.close()


async def test_late_workers_are_used_when_they_come() -> None:
    """A room that was there before the workers begins to translate when they say what they can."""
    hall = Hall(workers=False)
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.talk(0.1)
    assert bob.heard("floor", ann)
    assert analysed(hall) == []
    for stage in WORKERS:
        hall.worker(stage, lambda status: status)
    assert analysed(hall) == ["ann", "bob"]
    heard = len(bob.heard("floor", ann))
    ann.talk(0.1)
    assert len(bob.heard("floor", ann)) == heard
    await hall.room.close()


async def test_changed_languages_change_the_targets() -> None:
    """Targets follow who listens to what, chunk by chunk."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    routes = hall.room._routes
    assert routes.languages(ann.participant.speaker) == ("es",)
    bob.participant.set_languages(listening="fr")
    assert routes.languages(ann.participant.speaker) == ("fr",)
    bob.participant.set_languages(listening="cy")
    assert routes.languages(ann.participant.speaker) == ("cy",)
    assert routes.translatable(ann.participant.speaker) == []
    await hall.room.close()


async def test_auto_is_taken_for_the_only_language() -> None:
    """Where only English is recognised, `auto` is English; the speaker is told and translated as such."""
    hall = Hall()
    hall.worker("recognition", lambda status: msgspec.structs.replace(status, languages=("en",)))
    ann, bob = await hall.join("ann", speaks="auto"), await hall.join("bob", hears="es")
    assert ann.codes == ["auto_language"]
    ann.begin()
    assert hall.ingest.chunks[-1].language == "en"
    cai = await hall.join("cai", hears="en")
    assert cai.heard("floor", ann) == []
    sent = ann.talk(0.1)
    assert cai.heard("floor", ann) == sent
    assert bob.heard("floor", ann) == []
    hall.worker("recognition", lambda status: msgspec.structs.replace(status, healthy=False))
    assert ann.participant.speaker.language == "en", "what it was taken for stays while recognition is down"
    assert ann.codes == ["auto_language"]
    await hall.room.close()


async def test_auto_of_several_languages_is_heard(hall: Hall) -> None:
    """Where several languages are recognised, `auto` is heard as it is until one was heard; then by that one."""
    ann, bob = await hall.join("ann", speaks="auto"), await hall.join("bob", hears="es")
    cai = await hall.join("cai")
    ann.begin()
    assert hall.ingest.chunks[-1].language == "auto"
    sent = ann.talk(0.1)
    assert bob.heard("floor", ann)[-len(sent) :] == cai.heard("floor", ann)[-len(sent) :] == sent
    hall.transcribe(ann, language="en")
    sent = ann.talk(0.1)
    assert bob.heard("floor", ann)[-len(sent) :] == cai.heard("floor", ann)[-len(sent) :] == sent
    hall.speak(ann, last=True)
    ann.end()
    assert bob.heard("voice", ann) == []
    floor = len(bob.heard("floor", ann))
    ann.begin()
    hall.speak(ann, last=True)
    sent = ann.talk(0.1)
    assert cai.heard("floor", ann)[-len(sent) :] == sent
    assert len(bob.heard("floor", ann)) == floor
    assert len(bob.heard("voice", ann)) == 4


async def test_worker_that_fails_brings_the_originals_back(hall: Hall) -> None:
    """In mid-utterance: the original comes at once with a notice, and stays until the utterance ends."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    ann.begin()
    hall.worker("translation", lambda status: msgspec.structs.replace(status, healthy=False))
    assert bob.codes == ["translation_paused"]
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    hall.worker("translation", lambda status: status)
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann)[-len(sent) :] == sent
    ann.end()
    assert bob.codes == ["translation_paused", "translation_resumed"]
    floor = len(bob.heard("floor", ann))
    ann.talk(0.2)
    assert len(bob.heard("floor", ann)) == floor


async def test_pair_that_nobody_translates(hall: Hall) -> None:
    """Who hears a language nobody can make hears the original, and is told once."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="cy")
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann) == sent
    assert bob.codes == ["no_translation"]
    assert bob.events(Notice)[0].speaker_id == "ann"


async def test_language_changed_in_mid_utterance_gives_its_own_targets(hall: Hall) -> None:
    """Who goes on in Spanish is translated for those who hear English: the end in English leaves nothing behind."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    await hall.join("cai", hears="es")
    ann.begin()
    ann.participant.set_languages(speaking="es")
    ann.begin()
    assert [target.language for target in hall.ingest.chunks[-1].targets] == ["en"]
    hall.speak(ann, language="en")
    hall.advance(0.5)
    assert len(bob.heard("voice", ann)) == 4


async def test_listener_without_voice_slots_hears_the_original(hall: Hall) -> None:
    """A browser that takes one stream only gets the original in it, and is told that there is no translation."""
    ann = await hall.join("ann")
    hall.peers.slots = 1
    bob = await hall.join("bob", hears="es")
    sent = ann.talk(0.2)
    assert bob.heard("floor", ann) == sent
    assert bob.codes == ["no_translation"]
