"""What hosts, speakers, listeners and hidden participants do in a room, whatever their browsers send."""

import msgspec
import pytest

from media_server.events import ParticipantJoined, ParticipantLeft, ParticipantUpdated, Speaking
from media_server.rights import ALL_RIGHTS, Rights
from tests.fakes.hall import Hall, Page

LISTENER = Rights(role="listener", publishes=False)
HIDDEN = Rights(role="listener", publishes=False, hidden=True)
DEAF = Rights(subscribes=False)


def of(page: Page) -> list[str]:
    """Name those about whom a page was told anything."""
    told = [event.participant.participant_id for event in page.events(ParticipantJoined)]
    told += [event.participant.participant_id for event in page.events(ParticipantUpdated)]
    return told + [event.participant_id for event in page.events(ParticipantLeft)]


def rejoin(page: Page, rights: Rights) -> None:
    """Come back with other rights by the same page."""
    page.participant.rejoin(
        name="Ann",
        speaking_language="en",
        listening_language="en",
        original="off",
        keep_connection=True,
        rights=rights,
    )


async def test_a_listener_is_never_forwarded(hall: Hall) -> None:
    """Nothing that their browser sends reaches anybody, nobody is told that they talk, and nothing analyses it."""
    ann, bob = await hall.join("ann", rights=LISTENER), await hall.join("bob")
    ann.talk(0.5)
    assert bob.heard("floor", ann) == []
    assert not bob.events(Speaking)
    assert ann.peer.on_packet != ann.participant.speaker.hear
    assert "ann" not in hall.analysers
    assert not hall.ingest.chunks


async def test_a_listener_cannot_switch_on_what_they_lack(hall: Hall) -> None:
    """Their microphone is shown as off, and stays so when they say that it is on."""
    ann, bob = await hall.join("ann", rights=LISTENER), await hall.join("bob", hears="es")
    assert (ann.participant.info.role, ann.participant.info.muted) == ("listener", True)
    ann.participant.set_muted(False)
    ann.talk(0.2)
    assert ann.participant.info.muted
    assert not ann.participant.speaker.wanted
    assert bob.heard("floor", ann) == []


async def test_a_listener_hears_everybody(hall: Hall) -> None:
    """The original in their language, and the voice in another, for which they count as an audience."""
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es", rights=LISTENER)
    cai = await hall.join("cai", rights=LISTENER)
    ann.begin()
    assert [target.language for target in hall.ingest.chunks[-1].targets] == ["es"]
    hall.speak(ann, packets=10)
    ann.talk(0.5)
    assert bob.heard("voice", ann)
    assert cai.heard("floor", ann)


async def test_a_listener_is_not_told_what_their_speech_is_taken_for(hall: Hall) -> None:
    """Of `auto` nothing is said to somebody who says nothing."""
    hall.worker("recognition", lambda status: msgspec.structs.replace(status, languages=("en",)))
    ann = await hall.join("ann", speaks="auto", rights=LISTENER)
    bob = await hall.join("bob", speaks="auto")
    hall.advance(0.1)
    assert ann.codes == []
    assert bob.codes == ["auto_language"]


async def test_the_cost_of_an_audience_is_what_it_hears(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """When something changes, what is heard of each speaker is decided anew for each listener, and nothing else."""
    for number in range(20):
        hall.enter(f"listener{number}", rights=LISTENER)
    ann = hall.enter("ann")
    hall.advance(0.1)
    considered: list[str] = []
    for page in hall.pages.values():
        monkeypatch.setattr(page.participant.listener, "consider", lambda speaker, **_: considered.append(speaker))
    hall.room.paths_changed()
    assert considered == [ann.id] * 20
    considered.clear()
    late = hall.enter("late", rights=LISTENER)
    monkeypatch.setattr(late.participant.listener, "consider", lambda speaker, **_: considered.append(speaker))
    hall.advance(0.1)
    assert considered == [ann.id]


async def test_nobody_is_told_of_somebody_hidden(hall: Hall) -> None:
    """Neither that they come, change or leave; they hear and are translated for all the same."""
    ann = await hall.join("ann")
    spy = await hall.join("spy", hears="es", rights=HIDDEN)
    bob = await hall.join("bob")
    spy.talk(0.2)
    ann.begin()
    assert [target.language for target in hall.ingest.chunks[-1].targets] == ["es"]
    hall.speak(ann, packets=10)
    ann.talk(0.3)
    assert spy.heard("voice", ann)
    assert bob.heard("floor", spy) == []
    spy.participant.set_languages(listening="fr")
    assert of(spy) == ["bob", "spy"]
    await spy.participant.leave()
    assert of(ann) == ["bob"]
    assert of(bob) == []


async def test_who_may_not_hear_hears_nothing(hall: Hall) -> None:
    """Neither original nor voice; nothing is translated for them, and what they say is heard."""
    ann, bob, cai = await hall.join("ann"), await hall.join("bob", hears="es", rights=DEAF), await hall.join("cai")
    ann.begin()
    assert list(hall.ingest.chunks[-1].targets) == []
    hall.speak(ann, packets=10)
    ann.talk(0.3)
    assert [outlet.forwarded for outlet in bob.peer.outlets] == [[]] * 8
    sent = bob.talk(0.2)
    assert cai.heard("floor", bob) == sent
    assert bob.participant.info.role == "speaker"


async def test_who_comes_back_with_fewer_rights_loses_them_at_once(hall: Hall) -> None:
    """A speaker who comes back as a listener is cut off in the middle of a word, and heard again as a speaker."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.begin()
    heard = len(bob.heard("floor", ann))
    rejoin(ann, LISTENER)
    ann.talk(0.3)
    assert len(bob.heard("floor", ann)) == heard
    assert ann.participant.speaker.utterance is None
    assert not ann.participant.speaker.wanted
    assert bob.events(ParticipantUpdated)[-1].participant.role == "listener"
    rejoin(ann, ALL_RIGHTS)
    ann.participant.set_muted(False)
    assert bob.heard("floor", ann)[heard:] == []
    assert ann.talk(0.3) == bob.heard("floor", ann)[heard:]


async def test_who_comes_back_without_the_right_to_hear_hears_no_more(hall: Hall) -> None:
    """The slots of a listener who lost the right are taken back."""
    ann, bob = await hall.join("ann"), await hall.join("bob")
    ann.talk(0.1)
    heard = len(bob.heard("floor", ann))
    rejoin(bob, DEAF)
    ann.talk(0.3)
    assert len(bob.heard("floor", ann)) == heard > 0


async def test_hidden_is_for_the_whole_stay(hall: Hall) -> None:
    """Coming back as somebody shown does not make them appear among people who never saw them come."""
    ann, spy = await hall.join("ann"), await hall.join("spy", rights=HIDDEN)
    rejoin(spy, LISTENER)
    assert spy.participant.rights.hidden
    assert of(ann) == []
