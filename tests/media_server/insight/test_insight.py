"""What a room tells of itself: delays to whom they concern, and what pages say of when voices sounded."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from media_server.events import DelaysChanged, LanguageDelay, VoiceSounding
from media_server.peer import LinkFigures
from tests.fakes.hall import Hall, Page


def told(page: Page) -> list[tuple[LanguageDelay, ...]]:
    return [event.delays for event in page.events(DelaysChanged)]


def delay(source: str, target: str, voice_ms: int | None, caption_ms: int | None) -> LanguageDelay:
    return LanguageDelay(source=source, target=target, voice_ms=voice_ms, caption_ms=caption_ms)


def ears(what: str) -> float:
    labels = {"source": "en", "target": "es"}
    return REGISTRY.get_sample_value(f"parley_mouth_to_ear_seconds_{what}", labels) or 0.0


def say(hall: Hall, ann: Page, *, late_s: float = 0.3) -> int:
    """Let Ann say one clause, whose voice comes so long after its sound; give when that ended."""
    ann.say()
    ended_at_ms = hall.clock.epoch_ms()
    hall.transcribe(ann, last=True)
    hall.clock.advance(late_s)
    hall.speak(ann, packets=25, last=True, ended_at_ms=ended_at_ms)
    return ended_at_ms


async def test_a_page_is_asked_when_a_voice_sounds() -> None:
    """Once a clause, with the number that its first packet has there; who has no connection is not asked."""
    hall = Hall()
    ann, bob, cat = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("cat", hears="es")
    for outlet in cat.peer.outlets:
        outlet.is_open = False
    say(hall, ann)
    hall.advance(1.5)
    (asked,) = bob.events(VoiceSounding)
    first = next(packet for outlet in bob.peer.outlets for source, packet in outlet.forwarded if "voice" in source)
    assert asked.rtp_timestamp == first.timestamp
    assert (asked.speaker_id, asked.utterance_id, asked.clause) == ("ann", ann.utterance.utterance_id, 0)
    assert cat.events(VoiceSounding) == ann.events(VoiceSounding) == []


async def test_what_pages_say_is_in_the_books() -> None:
    """The median of them in the utterance's figures, each in the histogram; half of the round trip is taken off."""
    hall = Hall()
    ann, bob, cat = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("cat", hears="es-MX")
    bob.peer.figures = LinkFigures(rtt_s=0.02)
    count, total = ears("count"), ears("sum")
    ended_at_ms = say(hall, ann)
    hall.clock.advance(0.15)
    bob.participant.heard(ann.utterance.utterance_id, 0, "es", 20)
    cat.participant.heard(ann.utterance.utterance_id, 0, "es", 0)
    hall.advance(2.0)
    (figures,) = hall.figures
    (clause,) = figures.voices[0].clauses
    assert clause.ears == 2
    assert clause.heard_at_ms == ended_at_ms + (420 + 450) // 2
    assert ears("count") - count == 2
    assert ears("sum") - total == pytest.approx(0.42 + 0.45)


async def test_a_word_that_comes_behind_the_line_counts_in_the_histogram() -> None:
    """The line is written when the voice was played."""
    hall = Hall()
    ann, bob = await hall.join("ann"), await hall.join("bob", hears="es")
    count = ears("count")
    say(hall, ann)
    hall.advance(3.0)
    assert hall.figures[0].voices[0].clauses[0].heard_at_ms is None
    bob.participant.heard(ann.utterance.utterance_id, 0, "es", 2_800)
    assert ears("count") - count == 1


async def test_what_cannot_be_is_passed_over() -> None:
    """Of what was not sent there, by who hears another language, twice, or by the speaker."""
    hall = Hall()
    ann, bob, fay = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("fay", hears="fr")
    count = ears("count")
    say(hall, ann)
    utterance_id = ann.utterance.utterance_id
    for page in (ann, fay):
        page.participant.heard(utterance_id, 0, "es", 0)
    bob.participant.heard(utterance_id, 1, "es", 0)
    bob.participant.heard("another", 0, "es", 0)
    bob.participant.heard(utterance_id, 0, "fr", 0)
    assert ears("count") == count
    for _ in range(3):
        bob.participant.heard(utterance_id, 0, "es", 0)
    assert ears("count") - count == 1


async def test_delays_are_told_to_whom_they_concern() -> None:
    """To who listens in a language and who is heard in it; at most every 2 s, and only what changed by enough."""
    hall = Hall()
    ann, bob, fay = await hall.join("ann"), await hall.join("bob", hears="es"), await hall.join("fay", hears="fr")
    hall.advance(3.0)
    say(hall, ann)
    hall.room.captioned("en", "es", 250)
    hall.advance(2.5)
    assert told(bob)[-1] == (delay("en", "es", 300, 250),)
    assert told(ann)[-1] == told(bob)[-1]
    assert told(fay)[-1] == told(bob)[-1], "Fay speaks English"
    before = len(told(bob))
    await asyncio.sleep(0)
    say(hall, ann, late_s=0.32)
    hall.advance(3.0)
    assert len(told(bob)) == before, "7 % is not worth telling"
    for _ in range(2):
        await asyncio.sleep(0)
        say(hall, ann, late_s=0.9)
        hall.advance(3.0)
    assert len(told(bob)) > before
    before = len(told(bob))
    await asyncio.sleep(0)
    hall.advance(6.0)
    assert len(told(bob)) == before, "in silence nothing is told"


async def test_who_comes_is_told_of_the_present_delays() -> None:
    """If they concern them."""
    hall = Hall()
    ann = await hall.join("ann")
    await hall.join("bob", hears="es")
    say(hall, ann)
    hall.advance(3.0)
    cat, dan = hall.enter("cat", speaks="es", hears="es"), hall.enter("dan", speaks="fr", hears="fr")
    hall.clock.advance(0)
    assert told(cat)[0][0].voice_ms == 300
    assert told(dan) == []
