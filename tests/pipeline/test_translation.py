"""The translation stage in its worker: Transcripts in, Translations out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import MappingProxyType

import msgspec

from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import TRANSLATION_GROUP
from pipeline.engines.engine import EngineError, UnsupportedLanguageError
from pipeline.messages import DeadLetter, RoomSettings, Target, Transcript, Translation, WorkerStatus
from pipeline.settings import TranslationSettings
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedTranslator
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import SPANISH, Heard, listening, transcript

BOTH = (Target("es", backlog_ms=700), Target("fr"))
# The same phrase is translated each time.
TWICE = TranslationSettings(phrase_characters=0)


@asynccontextmanager
async def stage(
    translator: ScriptedTranslator, settings: TranslationSettings = TWICE
) -> AsyncIterator[tuple[MemoryBus, Heard]]:
    translating = TranslationStage(translator, settings, now_ms=virtual_now_ms)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        heard = await stack.enter_async_context(listening(bus))
        worker = Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, translating, now_ms=virtual_now_ms)
        await stack.enter_async_context(worker)
        yield bus, heard


def texts(heard: Heard) -> list[str]:
    return [message.payload for message in heard.of(Translation)]


@virtual_time
async def test_a_clause_is_translated_into_each_language_listened_to() -> None:
    """Ids, times in the sound and the meaning of final and last stay; the backlog is the language's own."""
    async with stage(ScriptedTranslator()) as (bus, heard):
        await bus.publish(transcript("hello", final=True, last=True, clause=2, revision=3, targets=BOTH))
        spanish = await heard.until(Translation, lambda t: t.language == "es")
        french = await heard.until(Translation, lambda t: t.language == "fr")
    assert (spanish.payload, french.payload) == ("es(hello)", "fr(hello)")
    assert (spanish.clause, spanish.revision, spanish.is_final, spanish.last) == (2, 3, True, True)
    assert (spanish.source_text, spanish.source_language, spanish.engine) == ("hello", "en", "scripted")
    assert (spanish.backlog_ms, french.backlog_ms, spanish.ended_at_ms) == (700, 0, EPOCH_MS)


@virtual_time
async def test_a_slow_language_does_not_delay_another_of_the_same_clause() -> None:
    """Languages are asked for at once, and each answer is published when it comes."""
    async with stage(ScriptedTranslator(delays_s={"es": 1.0, "fr": 0.2})) as (bus, heard):
        await bus.publish(transcript(final=True, targets=BOTH))
        await heard.until(Translation, lambda t: t.language == "fr")
        assert virtual_now_ms() == EPOCH_MS + 200
        await heard.until(Translation, lambda t: t.language == "es")
        assert virtual_now_ms() == EPOCH_MS + 1000


@virtual_time
async def test_no_more_calls_than_the_engine_takes_run_at_once() -> None:
    """The others wait for their turn."""
    async with stage(ScriptedTranslator(delays_s={"es": 1.0, "fr": 1.0}, concurrency=1)) as (bus, heard):
        await bus.publish(transcript(final=True, targets=BOTH))
        await heard.until(Translation, lambda _: len(heard.of(Translation)) == 2)
    assert virtual_now_ms() == EPOCH_MS + 2000


@virtual_time
async def test_the_language_spoken_is_never_translated_into() -> None:
    """Whatever the region or script."""
    translator = ScriptedTranslator(("en", "en"), ("en", "es"))
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(final=True, language="en-GB", targets=[Target("en-US"), Target("es")]))
        await heard.until(Translation)
    assert [request.target for request in translator.requests] == ["es"]


@virtual_time
async def test_an_engine_that_knows_the_language_without_its_region_is_good_enough() -> None:
    """The engine is asked with its own tags; the listener's tag stays on the result."""
    translator = ScriptedTranslator(("en", "es"))
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(final=True, language="en-GB", targets=[Target("es-MX")]))
        translated = await heard.until(Translation)
    assert (translated.language, translated.source_language) == ("es-MX", "en-GB")
    assert [(request.source, request.target) for request in translator.requests] == [("en", "es")]


@virtual_time
async def test_a_pair_the_engine_cannot_do_is_a_tombstone_for_finals_only() -> None:
    """Interim and speculative text is passed over in silence; there is no dead letter."""
    async with stage(ScriptedTranslator()) as (bus, heard):
        targets = [Target("fi")]
        await bus.publish(transcript(targets=targets))
        await bus.publish(transcript(speculative=True, targets=targets))
        await bus.publish(transcript(final=True, last=True, targets=targets))
        await heard.until(Translation)
    (tombstone,) = heard.of(Translation)
    assert (tombstone.skipped, tombstone.last, tombstone.payload) == (True, True, "")
    assert tombstone.reason == "no translator for en to fi"
    assert not heard.of(DeadLetter)


@virtual_time
async def test_a_speculation_that_turns_out_right_is_not_translated_again() -> None:
    """Also when the same text comes with another revision."""
    translator = ScriptedTranslator()
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(speculative=True, revision=1))
        await bus.publish(transcript(speculative=True, revision=2))
        await bus.publish(transcript(final=True, last=True, revision=2))
        await heard.until(Translation, lambda t: t.last)
    assert len(translator.requests) == 1
    assert [(t.revision, t.speculative, t.payload) for t in heard.of(Translation)] == [
        (1, True, "es(hello)"),
        (2, True, "es(hello)"),
        (2, False, "es(hello)"),
    ]


@virtual_time
async def test_a_final_waits_for_the_speculation_with_its_text_and_breaks_off_any_other() -> None:
    """What is already under way is not begun again; what is pointless does not hold anyone up."""
    translator = ScriptedTranslator(delays_s={"right": 1.0, "wrong": 1.0})
    async with stage(translator) as (bus, heard):
        for draft in ("right", "wrong"):
            utterance, began_ms = f"u {draft}", virtual_now_ms()
            await bus.publish(transcript(draft, speculative=True, utterance=utterance))
            await asyncio.sleep(0.4)
            await bus.publish(transcript("right", final=True, revision=2, utterance=utterance))
            await heard.until(Translation, lambda t, of=utterance: t.is_final and t.utterance_id == of)  # type: ignore[misc]
            assert virtual_now_ms() - began_ms == {"right": 1000, "wrong": 1400}[draft]
    assert [request.text for request in translator.requests] == ["right", "wrong", "right"]


@virtual_time
async def test_interim_text_is_translated_by_a_cheap_engine_and_the_latest_wins() -> None:
    """Two that wait behind a slow one: only the last of them is translated, and a final breaks in."""
    translator = ScriptedTranslator(delays_s={"i1": 1.0, "i3": 1.0})
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript("i1"))
        await asyncio.sleep(0.1)
        await bus.publish(transcript("i2"))
        await bus.publish(transcript("i3"))
        await asyncio.sleep(0.1)
        await bus.publish(transcript("final", final=True))
        await heard.until(Translation, lambda t: t.is_final)
    assert virtual_now_ms() == EPOCH_MS + 200
    assert [request.text for request in translator.requests] == ["i1", "i3", "final"]


@virtual_time
async def test_a_dear_engine_is_not_asked_for_interim_text() -> None:
    """Only for speculations and finals."""
    translator = ScriptedTranslator(cheap=False)
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript("interim"))
        await bus.publish(transcript("draft", speculative=True))
        await heard.until(Translation)
        await bus.publish(transcript("final", final=True))
        await heard.until(Translation, lambda t: t.is_final)
    assert [request.text for request in translator.requests] == ["draft", "final"]


@virtual_time
async def test_a_clause_comes_with_the_three_before_it() -> None:
    """The same speaker's finals, oldest first; not the clause itself, nobody else's, no interim."""
    translator = ScriptedTranslator()
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript("bob's", final=True, user="bob"))
        for number in range(5):
            await bus.publish(transcript(f"i{number}", clause=number))
            await bus.publish(transcript(f"c{number}", clause=number, final=True, last=number == 4))
        await heard.until(Translation, lambda t: t.last)
    contexts = {request.text: request.context for request in translator.requests}
    assert (contexts["c0"], contexts["c1"], contexts["c4"]) == ((), ("c0",), ("c1", "c2", "c3"))


@virtual_time
async def test_an_empty_end_needs_no_engine() -> None:
    """It is passed on to every listener's language, not as a tombstone."""
    translator = ScriptedTranslator()
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript("", final=True, last=True, targets=[*BOTH, Target("fi")]))
        await heard.until(Translation, lambda _: len(heard.of(Translation)) == 3)
    assert {(t.language, t.payload, t.last, t.skipped) for t in heard.of(Translation)} == {
        (language, "", True, False) for language in ("es", "fr", "fi")
    }
    assert not translator.requests


@virtual_time
async def test_a_tombstone_is_passed_on() -> None:
    """With its reason, in every language."""
    async with stage(ScriptedTranslator()) as (bus, heard):
        await bus.publish(transcript("", final=True, last=True, skipped=True, reason="why", targets=BOTH))
        await heard.until(Translation, lambda _: len(heard.of(Translation)) == 2)
    assert {(t.language, t.skipped, t.reason) for t in heard.of(Translation)} == {
        ("es", True, "why"),
        ("fr", True, "why"),
    }


@virtual_time
async def test_one_language_that_fails_does_not_cost_another() -> None:
    """What could be translated is published once; only the failed one is a tombstone."""
    translator = ScriptedTranslator(delays_s={"fr": 0.1}, faults=[None, UnsupportedLanguageError("fr")])
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(final=True, targets=BOTH))
        await heard.until(DeadLetter)
    assert [(t.language, t.skipped) for t in heard.of(Translation)] == [("es", False), ("fr", True)]


@virtual_time
async def test_a_language_that_hangs_holds_the_others_up_no_longer_than_its_limit() -> None:
    """It alone is a tombstone, in time for the next clause's voice; the worker is not ill of it."""
    translator = ScriptedTranslator(delays_s={"es": 1e6})
    async with stage(translator) as (bus, heard):
        for clause in range(4):
            await bus.publish(transcript(f"c{clause}", final=True, clause=clause, last=clause == 3, targets=BOTH))
        await heard.until(Translation, lambda t: t.language == "fr" and t.clause == 1)
        assert virtual_now_ms() == EPOCH_MS + 3000
        await heard.until(Translation, lambda t: t.language == "es" and t.last)
    assert virtual_now_ms() == EPOCH_MS + 12_000
    spanish = heard.of(Translation, lambda t: t.language == "es")
    assert {(t.skipped, t.payload, t.reason) for t in spanish} == {(True, "", "UnansweredError")}
    assert [t.payload for t in heard.of(Translation, lambda t: t.language == "fr")] == [f"fr(c{n})" for n in range(4)]
    assert {letter.error for letter in heard.of(DeadLetter)} == {"PartlyUnansweredError"}
    assert all(status.healthy for status in heard.of(WorkerStatus, lambda status: status.reason != "stopped"))


@virtual_time
async def test_a_final_does_not_wait_again_for_what_its_speculation_waited_for() -> None:
    """One limit covers both; other words are asked for anew."""
    translator = ScriptedTranslator(delays_s={"hello": 1e6})
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(speculative=True))
        await bus.publish(transcript(final=True))
        await heard.until(Translation, lambda t: t.skipped)
        assert virtual_now_ms() == EPOCH_MS + 3000
        await bus.publish(transcript("goodbye", final=True, clause=1))
        await heard.until(Translation, lambda t: t.payload == "es(goodbye)")
    assert [request.text for request in translator.requests] == ["hello", "goodbye"]


@virtual_time
async def test_an_engine_that_hangs_in_every_language_has_failed() -> None:
    """Each language has its tombstone once, and the clause its dead letter; it is not tried again."""
    translator = ScriptedTranslator(delays_s={"es": 1e6, "fr": 1e6})
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(final=True, targets=BOTH))
        letter = await heard.until(DeadLetter)
        await bus.publish(transcript("", final=True, clause=1, last=True))
        await heard.until(Translation, lambda t: t.last)
    assert (letter.error, letter.attempts) == ("UnansweredError", 1)
    assert [t.skipped for t in heard.of(Translation, lambda t: t.clause == 0)] == [True, True]


@virtual_time
async def test_a_timeout_of_the_engines_own_is_tried_again() -> None:
    """It is not taken for the limit."""
    async with stage(ScriptedTranslator(faults=[TimeoutError()])) as (bus, heard):
        await bus.publish(transcript(final=True))
        await heard.until(Translation)
    assert texts(heard) == ["es(hello)"]


@virtual_time
async def test_only_the_language_that_failed_is_tried_again() -> None:
    """The other is neither asked for nor published twice."""
    translator = ScriptedTranslator(delays_s={"fr": 0.1}, faults=[None, EngineError("again")])
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(final=True, targets=BOTH))
        await heard.until(Translation, lambda t: t.language == "fr")
    assert [request.target for request in translator.requests] == ["es", "fr", "fr"]
    assert texts(heard) == ["es(hello)", "fr(hello)"]


@virtual_time
async def test_the_same_final_again_changes_nothing() -> None:
    """A record that is delivered twice is translated and published once."""
    translator = ScriptedTranslator()
    async with stage(translator) as (bus, heard):
        await bus.publish(transcript(final=True))
        await bus.publish(transcript(final=True))
        await bus.publish(transcript("next", final=True, clause=1, last=True))
        await heard.until(Translation, lambda t: t.last)
    assert texts(heard) == ["es(hello)", "es(next)"]


@virtual_time
async def test_text_of_a_minute_ago_is_not_translated_unless_it_is_history() -> None:
    """Live text gets a tombstone; what is not live has no deadline."""
    translator = ScriptedTranslator()
    async with stage(translator) as (bus, heard):
        await asyncio.sleep(60.001)
        await bus.publish(transcript("live", final=True))
        await bus.publish(msgspec.structs.replace(transcript("old", final=True, clause=1), purpose="history"))
        await heard.until(Translation, lambda t: t.clause == 1)
    assert [(t.payload, t.skipped, t.reason) for t in heard.of(Translation)] == [
        ("", True, "late"),
        ("es(old)", False, ""),
    ]


@virtual_time
async def test_the_status_names_the_pairs() -> None:
    """What the engine can do."""
    async with stage(ScriptedTranslator(("en", "fr"), ("en", "es"))) as (_, heard):
        status = await heard.until(WorkerStatus)
    assert (status.stage, status.pairs) == ("translation", (("en", "es"), ("en", "fr")))


def test_it_is_told_what_is_not_done_by_the_best_engine() -> None:
    """With the place of whoever does it."""

    class Laddered(ScriptedTranslator):
        fallen = MappingProxyType({("en", "es"): 1})

    condition = TranslationStage(Laddered()).condition()
    assert (condition.rung, condition.reduced_pairs) == (1, (("en", "es"),))


WORDS = RoomSettings(room_id="room", glossary={"hub": {"es": "eje", "de": "Nabe"}}, formality="more")


@virtual_time
async def test_a_room_s_words_and_manners_go_with_each_request() -> None:
    """In the target's language only; and they are forgotten when the room ends."""
    translator = ScriptedTranslator()
    async with stage(translator) as (bus, heard):
        await bus.publish(WORDS)
        await asyncio.sleep(0.1)
        await bus.publish(transcript("the hub", final=True, targets=BOTH))
        await heard.until(Translation, lambda t: t.language == "fr")
        await bus.publish(RoomSettings(room_id="room", ended=True))
        await asyncio.sleep(0.1)
        await bus.publish(transcript("the hub", final=True, clause=1))
        await heard.until(Translation, lambda t: t.clause == 1)
    asked = {(request.target, dict(request.glossary).get("hub"), request.formality) for request in translator.requests}
    assert asked == {("es", "eje", "more"), ("fr", None, "more"), ("es", None, "default")}
    assert {request.room_id for request in translator.requests} == {"room"}


@virtual_time
async def test_a_worker_that_starts_late_knows_the_rooms() -> None:
    """The newest settings of each room are on the topic."""
    translator = ScriptedTranslator()
    async with MemoryBus() as bus:
        await bus.publish(WORDS)
        translating = TranslationStage(translator, now_ms=virtual_now_ms)
        async with (
            listening(bus) as heard,
            Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, translating, now_ms=virtual_now_ms),
        ):
            await asyncio.sleep(0.1)
            await bus.publish(transcript("the hub", final=True))
            await heard.until(Translation)
    assert translator.requests[0].glossary == {"hub": "eje"}


@virtual_time
async def test_a_short_phrase_is_translated_once_in_a_room() -> None:
    """Whoever says it; longer texts, other languages, and rooms that ended begin anew."""
    translator = ScriptedTranslator()
    long = "this is a text of more than forty characters"
    async with stage(translator, TranslationSettings()) as (bus, heard):
        said = [("thanks", "u1", BOTH), ("thanks", "u2", SPANISH), (long, "u3", SPANISH), (long, "u4", SPANISH)]
        for place, (text, utterance, targets) in enumerate(said):
            await bus.publish(transcript(text, final=True, utterance=utterance, user=f"user{place}", targets=targets))
            await heard.until(Translation, lambda t, of=utterance: t.utterance_id == of)  # type: ignore[misc]
        assert [request.text for request in translator.requests] == ["thanks", "thanks", long, long]
        await bus.publish(RoomSettings(room_id="room", ended=True))
        await asyncio.sleep(0.1)
        await bus.publish(transcript("thanks", final=True, utterance="u5"))
        await heard.until(Translation, lambda t: t.utterance_id == "u5")
    assert len(translator.requests) == 5
    assert {t.payload for t in heard.of(Translation, lambda t: t.language == "es")} == {"es(thanks)", f"es({long})"}


@virtual_time
async def test_another_glossary_is_another_translation() -> None:
    """A phrase is not given out as it was before the room changed its words."""
    translator = ScriptedTranslator()
    async with stage(translator, TranslationSettings()) as (bus, heard):
        await bus.publish(transcript("the hub", final=True, utterance="u1"))
        await heard.until(Translation)
        await bus.publish(WORDS)
        await asyncio.sleep(0.1)
        await bus.publish(transcript("the hub", final=True, utterance="u2"))
        await heard.until(Translation, lambda t: t.utterance_id == "u2")
    assert len(translator.requests) == 2
