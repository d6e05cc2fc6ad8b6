"""Who hears what of whom, and who is analysed."""

from typing import Any

import msgspec
import pytest

from media_server.events import Notice
from media_server.settings import MediaSettings
from pipeline.messages import Target
from tests.fakes.hall import WORKERS, Hall, Page


def analysed(hall: Hall) -> list[str]:
    return [name for name, member in hall.room.participants.items() if member.speaker.wanted]


def targets(hall: Hall) -> list[Target]:
    return list(hall.ingest.chunks[-1].targets)


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


async def test_nobody_is_analysed_where_nobody_needs_words() -> None:
    """Readers are a reason, who listens in another language is one, and without either there is none."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob")
    assert analysed(hall) == ["ann", "bob"]
    hall.room.set_readers(None)
    assert analysed(hall) == []
    ann.talk(0.2)
    assert hall.ingest.chunks == []
    assert bob.heard("floor", ann), "it is heard all the same"
    hall.room.set_readers(frozenset())
    assert analysed(hall) == ["ann", "bob"]
    hall.room.set_readers(None)
    bob.participant.set_languages(listening="es")
    assert analysed(hall) == ["ann"]
    await hall.room.close()


async def test_what_is_said_when_the_last_reader_goes_is_heard_out() -> None:
    """The utterance ends there; recognition is not left waiting."""
    hall = Hall()
    ann = await hall.join("ann")
    ann.begin()
    hall.room.set_readers(None)
    assert hall.ingest.chunks[-1].last
    await hall.room.close()


async def test_who_only_reads_gets_text_and_no_voice() -> None:
    """In the languages that nobody listens in, and that are not spoken; readers of one tongue share a target."""
    hall = Hall()
    ann, _ = await hall.join("ann"), await hall.join("bob", hears="es")
    hall.room.set_readers(frozenset({"fr", "fr-CA", "es-MX", "en-GB"}))
    ann.begin()
    assert targets(hall) == [Target("es"), Target("fr", voice=False)]
    assert hall.room._routes.translatable(ann.participant.speaker) == ["es"]
    hall.room.set_readers(frozenset({"de"}))
    ann.analyser.sound()
    ann.send()
    assert targets(hall) == [Target("es")], "nothing translates into German"
    await hall.room.close()


async def test_readers_of_a_room_without_captions_do_not_count() -> None:
    """Where they are off, they are off."""
    hall = Hall(MediaSettings(captions=False))
    await hall.join("ann")
    hall.room.set_readers(frozenset({"es"}))
    assert analysed(hall) == []
    await hall.room.close()


async def test_who_comes_changes_or_leaves_is_decided_about_alone(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the others hear of each other is not looked at again, however large the room is."""
    pages = [await hall.join(name) for name in ("ann", "bob", "cai")]
    considered: set[tuple[str, str]] = set()

    def watch(page: Page) -> None:
        consider = page.participant.listener.consider

        def considering(speaker_id: str, **how: Any) -> None:
            considered.add((page.id, speaker_id))
            consider(speaker_id, **how)

        monkeypatch.setattr(page.participant.listener, "consider", considering)

    for page in pages:
        watch(page)
    dan = hall.enter("dan", hears="es")
    watch(dan)
    hall.advance(0.1)
    about_dan = {("ann", "dan"), ("bob", "dan"), ("cai", "dan"), ("dan", "ann"), ("dan", "bob"), ("dan", "cai")}
    assert considered == about_dan
    considered.clear()
    dan.participant.set_languages(listening="fr")
    assert considered == about_dan
    considered.clear()
    await dan.participant.leave()
    assert considered == set()
