"""A worker dies in mid-sentence, and another one goes on: nothing is lost, and nothing is said twice."""

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from pipeline.bus.bus import Bus
from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import RECOGNITION_GROUP, TRANSLATION_GROUP
from pipeline.engines.engine import EngineUnavailableError
from pipeline.messages import AudioChunk, DeadLetter, Speech, Transcript, Translation
from pipeline.recognition import RecognitionStage
from pipeline.settings import RecognitionSettings, WorkerSettings
from pipeline.translation import TranslationStage
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, words
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import Heard, chunk, listening, say, speech_of, transcript, uncommitted

DIES = WorkerSettings(drain_s=0.0)
SCRIPT = words("we went home") + words("then we ate", start_ms=900) + words("and slept", start_ms=1_800)
GONE = EngineUnavailableError("no model", "install it")


def recognition(
    bus: Bus, transcriber: ScriptedTranscriber, settings: RecognitionSettings | None = None, *, dies: bool = False
) -> Worker[AudioChunk]:
    stage = RecognitionStage(transcriber, settings, now_ms=virtual_now_ms)
    worker = DIES if dies else None
    return Worker(bus, AudioChunk.TOPIC, RECOGNITION_GROUP, stage, worker, now_ms=virtual_now_ms)


def finals(heard: Heard) -> list[tuple[str, int, bool]]:
    """Give text, clause and last of the finals."""
    return [(t.payload, t.clause, t.last) for t in heard.of(Transcript, lambda t: t.is_final)]


async def recognised(first: Sequence[AudioChunk], rest: Sequence[AudioChunk], second: ScriptedTranscriber) -> Heard:
    """Let one worker hear the first chunks and die, and another one all of them."""
    async with MemoryBus() as bus, listening(bus) as heard:
        async with recognition(bus, ScriptedTranscriber(SCRIPT), dies=True):
            await say(bus, *first)
            await asyncio.sleep(0.01)
        async with recognition(bus, second):
            await say(bus, *rest)
            await heard.until(Transcript, lambda t: t.last)
        assert await uncommitted(bus, AudioChunk.TOPIC, RECOGNITION_GROUP) == []
    return heard


@virtual_time
async def test_an_open_utterance_goes_on_behind_its_last_clause() -> None:
    """What was committed is not published again, the numbers go on, and revisions never go back."""
    heard = await recognised(
        speech_of(1_500),
        [*speech_of(1_000, start_ms=1_500), chunk(2_500, ms=0, last=True)],
        ScriptedTranscriber(SCRIPT),
    )
    assert finals(heard) == [("we went home", 0, False), ("then we ate", 1, False), ("and slept", 2, True)]
    drafts = heard.of(Transcript, lambda t: not t.is_final)
    assert [t.clause for t in drafts] == sorted(t.clause for t in drafts)
    starts = {clause: {t.start_ms for t in heard.of(Transcript) if t.clause == clause} for clause in (0, 1)}
    assert starts == {0: {0}, 1: {900}}


@virtual_time
async def test_other_words_in_the_sound_that_is_committed_change_nothing() -> None:
    """The second recogniser hears them otherwise; only what comes behind them counts."""
    otherwise = words("he won thome") + words("then we ate", start_ms=900) + words("and slept", start_ms=1_800)
    heard = await recognised(
        speech_of(1_500),
        [*speech_of(1_000, start_ms=1_500), chunk(2_500, ms=0, last=True)],
        ScriptedTranscriber(otherwise),
    )
    assert finals(heard) == [("we went home", 0, False), ("then we ate", 1, False), ("and slept", 2, True)]


@virtual_time
async def test_a_speculation_is_confirmed_as_it_was_published() -> None:
    """Although the second recogniser would have said something else: its voice may have been made already."""
    first = [*speech_of(700), chunk(700, ms=0, maybe_last=1)]
    rest = [*speech_of(200, start_ms=700), chunk(900, ms=0, last=True, confirms=1)]
    heard = await recognised(first, rest, ScriptedTranscriber(words("we want foam")))
    assert [(t.payload, t.revision) for t in heard.of(Transcript, lambda t: t.speculative)] == [("we went home", 1)]
    (end,) = heard.of(Transcript, lambda t: t.is_final)
    assert (end.payload, end.clause, end.revision, end.last) == ("we went home", 0, 1, True)


@virtual_time
async def test_a_speculation_that_was_overtaken_is_not_made_again() -> None:
    """The second worker hears both places, and publishes neither a second time."""
    first = [
        *speech_of(500),
        chunk(500, ms=0, maybe_last=1),
        *speech_of(300, start_ms=500),
        chunk(800, ms=0, maybe_last=2),
    ]
    heard = await recognised(first, [chunk(800, ms=0, last=True, confirms=2)], ScriptedTranscriber(SCRIPT))
    assert [t.revision for t in heard.of(Transcript, lambda t: t.speculative)] == [1, 2]
    assert finals(heard) == [("we went home", 0, True)]


@virtual_time
async def test_an_utterance_whose_end_was_published_is_over() -> None:
    """The worker died between publishing the end and committing it."""
    async with MemoryBus() as bus, listening(bus) as heard:
        for one in [*speech_of(700), chunk(700, ms=0, last=True)]:
            await bus.publish(one)
        await bus.publish(transcript("we went home", final=True, last=True))
        async with recognition(bus, ScriptedTranscriber(SCRIPT)):
            await say(bus, *speech_of(700, utterance="u2"), chunk(700, ms=0, utterance="u2", last=True))
            await heard.until(Transcript, lambda t: t.last and t.utterance_id == "u2")
        assert await uncommitted(bus, AudioChunk.TOPIC, RECOGNITION_GROUP) == []
    assert [t.utterance_id for t in heard.of(Transcript, lambda t: t.is_final)] == ["u1", "u2"]


@virtual_time
async def test_a_failed_utterance_still_gets_its_dead_letter() -> None:
    """The first worker gave it up and died before its end. Listeners are told once, and a replay is heard."""
    async with MemoryBus() as bus, listening(bus) as heard:
        async with recognition(bus, ScriptedTranscriber(SCRIPT, faults=[None, None, GONE]), dies=True):
            await say(bus, *speech_of(500))
            await heard.until(Transcript, lambda t: t.skipped)
        async with recognition(bus, ScriptedTranscriber(SCRIPT)):
            await say(bus, *speech_of(300, start_ms=500), chunk(800, ms=0, last=True))
            letter = await heard.until(DeadLetter)
            for one in [*speech_of(800), chunk(800, ms=0, last=True)]:
                await bus.publish(replace(one, purpose="replay"))
            await heard.until(Transcript, lambda t: t.last and not t.skipped)
    assert (letter.error, len(letter.records()), letter.utterance_id) == ("EngineUnavailableError", 9, "u1")
    ends = [(t.skipped, t.purpose) for t in heard.of(Transcript, lambda t: t.is_final)]
    assert ends == [(True, "live"), (False, "replay")]


@virtual_time
async def test_a_replay_is_heard_beside_what_its_speaker_says_now() -> None:
    """It fills the place of its tombstone, in captions only, and neither ends the live utterance nor is ended by it."""
    failed = [*speech_of(700), chunk(700, ms=0, last=True)]
    transcriber = ScriptedTranscriber(words("lost"), words("they came"), words("we went home"), faults=[None, GONE])
    async with MemoryBus() as bus, recognition(bus, transcriber), listening(bus) as heard:
        await say(bus, *failed)
        await heard.until(DeadLetter)
        await say(bus, *speech_of(300, utterance="u2"))
        for one in failed:
            await bus.publish(replace(one, purpose="replay"))
        again = await heard.until(Transcript, lambda t: t.last and not t.skipped)
        await say(bus, *speech_of(300, start_ms=300, utterance="u2"), chunk(600, ms=0, utterance="u2", last=True))
        live = await heard.until(Transcript, lambda t: t.last and t.utterance_id == "u2")
        for one in failed:
            await bus.publish(replace(one, purpose="replay"))
    assert (again.payload, again.purpose, again.clause, again.utterance_id) == ("we went home", "replay", 0, "u1")
    assert (live.payload, live.purpose) == ("they came", "live")
    assert not heard.of(Transcript, lambda t: t.purpose == "replay" and not t.is_final)
    assert len(heard.of(Transcript, lambda t: t.last)) == 3


@virtual_time
async def test_sound_that_is_too_old_for_captions_is_dropped_with_a_tombstone() -> None:
    """No letter: nobody failed; what was said since is heard."""
    async with MemoryBus() as bus, listening(bus) as heard:
        for one in [*speech_of(300), chunk(300, ms=0, last=True)]:
            await bus.publish(replace(one, utterance_started_at_ms=EPOCH_MS - 61_000))
        async with recognition(bus, ScriptedTranscriber(SCRIPT)):
            await say(bus, *speech_of(700, utterance="u2"), chunk(700, ms=0, utterance="u2", last=True))
            await heard.until(Transcript, lambda t: t.last and t.utterance_id == "u2")
    ends = [(t.utterance_id, t.skipped, t.reason) for t in heard.of(Transcript, lambda t: t.last)]
    assert ends == [("u1", True, "late"), ("u2", False, "")]
    assert heard.of(DeadLetter) == []


@virtual_time
async def test_a_clause_that_comes_in_earnest_after_its_tombstone_is_translated() -> None:
    """Once, whatever its revision; and its tombstone once before."""
    translator = ScriptedTranslator()
    tombstone = transcript("", final=True, last=True, skipped=True, reason="EngineError")
    real = replace(transcript("hello", final=True, last=True), purpose="replay")
    async with MemoryBus() as bus, listening(bus) as heard:
        stage = TranslationStage(translator, now_ms=virtual_now_ms)
        async with Worker(bus, Transcript.TOPIC, TRANSLATION_GROUP, stage, now_ms=virtual_now_ms):
            for one in (tombstone, tombstone, real, real, transcript("next", final=True, utterance="u2")):
                await bus.publish(one)
            await heard.until(Translation, lambda t: t.utterance_id == "u2")
    first = [(t.payload, t.skipped, t.purpose) for t in heard.of(Translation, lambda t: t.utterance_id == "u1")]
    assert first == [("", True, "live"), ("es(hello)", False, "replay")]
    assert [request.context for request in translator.requests] == [(), ()]
    assert not heard.of(Speech)
