"""Asking for translations of what was said before."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pipeline.bus.bus import Subscription
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import TRANSLATION_GROUP
from pipeline.engines.translators.apertium import Engine as Apertium
from pipeline.messages import Target, Transcript, Translation
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from signaling.captions import catch_up as catch_up_module
from signaling.captions.caption import Reader
from signaling.captions.catch_up import CatchUp
from signaling.captions.settings import CaptionSettings
from tests.fakes.engines import ScriptedTranslator
from tests.fakes.reading import Reading, published, running_feed
from tests.fakes.said import transcript, translation
from tests.support.until import until

LIMIT_S = 0.2
SPANISH = Reader("bea", "es")
ENGLISH = Reader("carl", "en")


class Asking:
    """A CatchUp, what it asked on the bus, and whom it gave up."""

    def __init__(self, bus: MemoryBus, questions: Subscription) -> None:
        self.given_up: list[tuple[str, str]] = []
        self.catch_up = CatchUp(bus, lambda *asker: self.given_up.append(asker), limit_s=LIMIT_S)
        self._questions = aiter(questions)

    async def next(self) -> Transcript:
        """Give the next question."""
        message = (await asyncio.wait_for(anext(self._questions), 5)).message
        assert isinstance(message, Transcript)
        return message

    async def is_quiet(self) -> bool:
        """Whether nothing is asked for a while, without an answer."""
        waiting = asyncio.ensure_future(anext(self._questions))
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        waiting.cancel()
        return not done

    def answer(self, question: Transcript, language: str = "fr") -> None:
        answered = translation("bonjour", question.payload, clause=question.clause, language=language)
        self.catch_up.answered(answered)


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with MemoryBus() as bus, bus.subscribe(Transcript.TOPIC) as questions:
        asking = Asking(bus, questions)
        try:
            yield asking
        finally:
            await asking.catch_up.close()


def clauses(count: int, **more: Any) -> list[Transcript]:
    return [transcript(f"clause {number}", clause=number, **more) for number in range(count)]


async def test_a_question_is_the_clause_as_history_for_one_language(asking: Asking) -> None:
    """It has its ids and its text, asks for no voice, and takes nobody's time who speaks now."""
    asked = transcript("good morning", clause=3)
    asking.catch_up.ask("demo", "fr", [asked])
    question = await asking.next()
    assert (question.purpose, question.targets) == ("history", (Target("fr", voice=False),))
    assert (question.utterance_id, question.clause, question.payload) == ("u1", 3, "good morning")
    asking.answer(question)
    await until(lambda: not asking.catch_up._tasks)
    assert asking.given_up == []


async def test_one_clause_is_asked_for_at_a_time(asking: Asking) -> None:
    """In their order, each when the one before is answered."""
    asking.catch_up.ask("demo", "fr", clauses(2))
    await asking.next()
    assert await asking.is_quiet()


async def test_the_next_one_follows_the_answer(asking: Asking) -> None:
    """And only an answer to this very question counts."""
    asking.catch_up.ask("demo", "fr", clauses(2))
    first = await asking.next()
    asking.answer(first, language="es")
    asking.catch_up.answered(translation("x", "x", clause=7, language="fr"))
    asking.answer(first)
    assert (await asking.next()).clause == 1


async def test_who_gets_no_answer_is_given_up(asking: Asking) -> None:
    """Nothing more is asked for them."""
    asking.catch_up.ask("demo", "fr", clauses(3))
    await asking.next()
    await until(lambda: asking.given_up == [("demo", "fr")])
    assert await asking.is_quiet()


async def test_a_bus_that_is_closed_gives_no_answer(asking: Asking) -> None:
    """Whoever waits is shown what there is at once."""
    await asking.catch_up._bus.close()  # type: ignore[attr-defined]
    asking.catch_up.ask("demo", "fr", clauses(1))
    await until(lambda: asking.given_up == [("demo", "fr")])


async def test_a_room_that_is_forgotten_asks_no_more(asking: Asking) -> None:
    """Another one of its name begins from nothing, at once."""
    asking.catch_up.ask("demo", "fr", clauses(2))
    await asking.next()
    asking.catch_up.forget("demo")
    asking.catch_up.ask("demo", "fr", [transcript("new", clause=9)])
    question = await asking.next()
    assert question.clause == 9
    asking.answer(question)
    await until(lambda: not asking.catch_up._all_tasks)
    assert asking.given_up == []


async def test_only_some_ask_at_once_and_only_so_many_wait(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others wait for their turn; who finds the line full is given up at once."""
    monkeypatch.setattr(catch_up_module, "WAITING", 5)
    for number in range(6):
        asking.catch_up.ask(f"room{number}", "fr", clauses(1, room_id=f"room{number}"))
    assert asking.given_up == [("room5", "fr")]
    questions = [await asking.next() for _ in range(catch_up_module.AT_ONCE)]
    assert await asking.is_quiet()
    assert len({question.room_id for question in questions}) == catch_up_module.AT_ONCE


async def test_nothing_to_ask_asks_nothing(asking: Asking) -> None:
    """No task is begun for it."""
    asking.catch_up.ask("demo", "fr", [])
    assert not asking.catch_up._tasks


# With all that is between the question and the answer.


async def test_who_comes_late_reads_what_was_said_in_their_language() -> None:
    """By the real worker: translated once, in order, kept for the next one, and never for a voice."""
    translator = ScriptedTranslator()
    async with (
        running_feed() as (feed, bus),
        Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, TranslationStage(translator)),
    ):
        with Reading(feed, ENGLISH) as early:
            for number, text in enumerate(("one", "two", "three")):
                await bus.publish(transcript(text, clause=number, targets=(Target("es"),)))
            await until(lambda: len(early.shown) == 3)
            with Reading(feed, Reader("fay", "fr")) as late:
                assert late.texts == []
                await until(lambda: len(late.shown) == 3)
                assert late.texts == ["fr(one)", "fr(two)", "fr(three)"]
                with Reading(feed, Reader(None, "fr")) as later:
                    assert later.texts == late.texts
        assert early.texts == ["one", "two", "three"], "it is history: not for who was there"
        french = [request.text for request in translator.requests if request.target == "fr"]
        assert french == ["one", "two", "three"]
        made = [each for each in await published(bus, Translation) if getattr(each, "language", "") == "fr"]
        assert [(each.purpose, each.voice) for each in made if isinstance(each, Translation)] == [
            ("history", False)
        ] * 3


async def test_apertium_translates_for_who_comes_late() -> None:
    """The engine that is really there, in its own processes."""
    async with (
        running_feed() as (feed, bus),
        Apertium() as apertium,
        Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, TranslationStage(apertium)),
    ):
        with Reading(feed, ENGLISH) as early:
            await bus.publish(transcript("Good morning", targets=()))
            await until(lambda: len(early.shown) == 1)
            with Reading(feed, SPANISH) as late:
                await until(lambda: bool(late.shown))
    assert [(caption.language, caption.source_text) for caption in late.shown] == [("es", "Good morning")]
    assert late.texts != ["Good morning"]


async def test_who_is_there_gets_what_is_said_meanwhile_at_once() -> None:
    """News does not wait for history."""
    async with running_feed() as (feed, bus):
        with Reading(feed, ENGLISH):
            feed.take(transcript("before", targets=()))
            with Reading(feed, SPANISH) as late:
                feed.take(translation("ahora", "now", clause=1))
                assert late.texts == ["ahora"]
                feed.take(translation("antes", "before", purpose="history"))
                assert late.texts == ["ahora", "antes"]
            assert len(await published(bus, Transcript)) <= 1


async def test_without_anybody_to_translate_what_was_said_is_shown_after_a_while() -> None:
    """As it was said; and it is not asked for again."""
    async with running_feed(CaptionSettings(history_limit_s=0.05)) as (feed, bus):
        with Reading(feed, ENGLISH):
            feed.take(transcript("one", targets=()))
            feed.take(transcript("two", clause=1, targets=()))
            with Reading(feed, SPANISH) as late:
                assert late.texts == []
                await until(lambda: late.texts == ["one", "two"])
            with Reading(feed, SPANISH) as later:
                assert later.texts == ["one", "two"]
        assert len(await published(bus, Transcript)) == 1


async def test_history_that_fails_for_good_shows_what_was_said() -> None:
    """A tombstone of the history is an answer."""
    async with running_feed() as (feed, _):
        with Reading(feed, ENGLISH), Reading(feed, SPANISH) as early:
            feed.take(transcript("one", targets=(Target("es"),)))
            feed.take(translation("", "one", skipped=True))
            assert early.texts == ["one"]
            with Reading(feed, Reader(None, "es")) as late:
                assert late.texts == [], "it is tried once more for who comes late"
                feed.take(translation("", "one", skipped=True, purpose="history"))
                assert late.texts == ["one"]
