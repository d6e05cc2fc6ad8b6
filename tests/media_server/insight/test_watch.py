"""Figures for who watches."""

from media_server.events import Figures, UtteranceSeen
from tests.fakes.hall import Hall, Page


def told(page: Page) -> list[Figures]:
    return page.events(Figures)


def seen(page: Page) -> list[UtteranceSeen]:
    """Give each utterance as it was told last."""
    return list({each.utterance_id: each for figures in told(page) for each in figures.utterances}.values())


async def hall_of_two() -> tuple[Hall, Page, Page]:
    hall = Hall()
    return hall, await hall.join("ann"), await hall.join("bob", hears="es")


def say(hall: Hall, ann: Page) -> None:
    """Let Ann say one clause, the voice of which comes 200 ms after its sound."""
    ann.say()
    ended_at_ms = hall.clock.epoch_ms()
    hall.transcribe(ann, last=True)
    hall.advance(0.2)
    hall.speak(ann, packets=25, last=True, ended_at_ms=ended_at_ms)


async def test_who_watches_is_told_times_and_slots() -> None:
    """Of what they hear, from the end of its sound; and of what is sent in each slot."""
    hall, ann, bob = await hall_of_two()
    bob.participant.watch_figures(True)
    say(hall, ann)
    bob.participant.heard(ann.utterance.utterance_id, 0, "es-MX", 0)
    hall.advance(2.0)
    (utterance,) = seen(bob)
    assert (utterance.speaker_id, utterance.source, utterance.target, utterance.lost) == ("ann", "en", "es", 0)
    (clause,) = utterance.clauses
    assert 200 <= clause.first_packet_ms <= 260
    assert clause.heard_ms is not None
    assert clause.first_packet_ms <= clause.heard_ms <= clause.first_packet_ms + 60
    voices = [slot for slot in told(bob)[-1].slots if slot.kind == "voice" and slot.packets]
    assert [(slot.packets, slot.octets > 0) for slot in voices] == [(50, True)]
    assert len(told(bob)[-1].slots) == 8
    assert told(ann) == []


async def test_nothing_new_is_not_told_again() -> None:
    """An utterance is told when something of it is new; slots every second."""
    hall, ann, bob = await hall_of_two()
    bob.participant.watch_figures(True)
    say(hall, ann)
    hall.advance(3.0)
    before = len(told(bob))
    hall.advance(3.0)
    assert 2 <= len(told(bob)) - before <= 4
    assert not any(figures.utterances for figures in told(bob)[before:])


async def test_who_does_not_watch_costs_nothing() -> None:
    """Nobody follows the ledger before, after, or when the last one who watches has left."""
    hall, ann, bob = await hall_of_two()
    followers = hall.ledger._followers
    assert not followers
    bob.participant.watch_figures(True)
    assert followers
    bob.participant.watch_figures(False)
    assert not followers
    say(hall, ann)
    hall.advance(2.0)
    assert told(bob) == []
    bob.participant.watch_figures(True)
    await bob.participant.leave()
    assert not followers


async def test_one_sees_only_what_one_hears() -> None:
    """Neither one's own words, nor voices in another language, nor who is heard as they are."""
    hall, ann, bob = await hall_of_two()
    fay = await hall.join("fay", hears="fr")
    for page in (ann, bob, fay):
        page.participant.watch_figures(True)
    say(hall, ann)
    hall.advance(2.0)
    assert [bool(seen(page)) for page in (ann, bob, fay)] == [False, True, False]


async def test_another_page_of_theirs_watches_anew() -> None:
    """The drawer of a page that is gone is closed."""
    hall, ann, bob = await hall_of_two()
    bob.participant.watch_figures(True)
    bob.participant.rejoin(
        name="Bob", speaking_language="en", listening_language="es", original="off", keep_connection=False
    )
    say(hall, ann)
    hall.advance(2.0)
    assert told(bob) == []
