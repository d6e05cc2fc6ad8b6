"""The recognition stage in its worker: chunks in, Transcripts out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType

import msgspec

from pipeline.bus.memory import MemoryBus
from pipeline.bus.topics import RECOGNITION_GROUP
from pipeline.engines.engine import EngineCrashedError, EngineUnavailableError
from pipeline.messages import AudioChunk, DeadLetter, RoomSettings, Transcript, WorkerStatus
from pipeline.messages.codec import decode
from pipeline.recognition import RecognitionStage
from pipeline.settings import RecognitionSettings, WorkerSettings
from pipeline.worker import Worker
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranscription, words
from tests.fakes.virtual_time import EPOCH_MS, virtual_now_ms, virtual_time
from tests.pipeline.support import Heard, chunk, listening, say, speech_of, transcript, uncommitted


def recognition(
    bus: MemoryBus,
    transcriber: ScriptedTranscriber,
    settings: RecognitionSettings | None = None,
    worker: WorkerSettings | None = None,
) -> Worker[AudioChunk]:
    stage = RecognitionStage(transcriber, settings, now_ms=virtual_now_ms)
    return Worker(bus, AudioChunk.TOPIC, RECOGNITION_GROUP, stage, worker, now_ms=virtual_now_ms)


@asynccontextmanager
async def stage(
    transcriber: ScriptedTranscriber, settings: RecognitionSettings | None = None
) -> AsyncIterator[tuple[MemoryBus, Heard]]:
    async with MemoryBus() as bus, recognition(bus, transcriber, settings), listening(bus) as heard:
        yield bus, heard


def finals(heard: Heard) -> list[tuple[str, int, int, bool]]:
    """Give text, clause, revision and last of the finals."""
    return [(t.payload, t.clause, t.revision, t.last) for t in heard.of(Transcript, lambda t: t.is_final)]


async def left_over(bus: MemoryBus) -> list[int]:
    """Say where the chunks begin that the next worker would get."""
    left = await uncommitted(bus, AudioChunk.TOPIC, RECOGNITION_GROUP)
    return [chunk.start_ms for chunk in left if isinstance(chunk, AudioChunk)]


@virtual_time
async def test_interim_text_comes_while_someone_speaks() -> None:
    """It grows word by word, and is no more than a fifth of a second old."""
    async with stage(ScriptedTranscriber(words("we went home"))) as (bus, heard):
        await say(bus, *speech_of(700))
        await asyncio.sleep(0)
        interims = [(t.payload, t.is_final, t.speculative) for t in heard.of(Transcript)]
    assert interims == [(text, False, False) for text in ("we", "we went", "we went home")]


@virtual_time
async def test_a_clause_is_committed_while_the_speaker_goes_on() -> None:
    """The rest comes with the end; nothing is said twice."""
    script = words("we went home") + words("then we ate", start_ms=900)
    async with stage(ScriptedTranscriber(script)) as (bus, heard):
        await say(bus, *speech_of(1600), chunk(1600, ms=0, last=True))
        end = await heard.until(Transcript, lambda t: t.last)
    assert finals(heard) == [("we went home", 0, 1, False), ("then we ate", 1, 1, True)]
    first = heard.of(Transcript, lambda t: t.is_final)[0]
    assert (first.start_ms, first.end_ms, first.ended_at_ms) == (0, 600, EPOCH_MS + 600)
    assert (end.start_ms, end.end_ms) == (900, 1500)


@virtual_time
async def test_a_confirmed_speculation_becomes_final_as_it_was() -> None:
    """Same text, clause and revision; the engine is not asked again."""
    transcriber = ScriptedTranscriber(words("we went") + words("ah", start_ms=600), lag_ms=100)
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(500), chunk(500, ms=0, maybe_last=1))
        await say(bus, *speech_of(400, start_ms=500), chunk(900, ms=0, last=True, confirms=1))
        await heard.until(Transcript, lambda t: t.last)
    (draft,) = heard.of(Transcript, lambda t: t.speculative)
    assert (draft.payload, draft.clause, draft.revision, draft.last) == ("we went", 0, 1, False)
    assert finals(heard) == [("we went", 0, 1, True)]
    assert "finish" not in transcriber.calls
    assert transcriber.sessions[0].over


@virtual_time
async def test_what_was_void_after_all_has_no_words() -> None:
    """Whatever was peeked and shown: its end is empty, and the engine is not asked."""
    transcriber = ScriptedTranscriber(words("we went"))
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(500), chunk(500, ms=0, maybe_last=1))
        await bus.publish(msgspec.structs.replace(chunk(500, ms=0, last=True), void=True))
        await heard.until(Transcript, lambda t: t.last)
    assert finals(heard) == [("", 0, 2, True)]
    assert "finish" not in transcriber.calls
    assert transcriber.sessions[0].over


@virtual_time
async def test_a_second_look_supersedes_the_first() -> None:
    """Speech went on, and the second silence is confirmed."""
    transcriber = ScriptedTranscriber(words("we went") + words("home", start_ms=600))
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(500), chunk(500, ms=0, maybe_last=1))
        await say(bus, *speech_of(500, start_ms=500), chunk(1000, ms=0, maybe_last=2))
        await say(bus, *speech_of(200, start_ms=1000), chunk(1200, ms=0, last=True, confirms=2))
        await heard.until(Transcript, lambda t: t.last)
    drafts = [(t.payload, t.clause, t.revision) for t in heard.of(Transcript, lambda t: t.speculative)]
    assert drafts == [("we went", 0, 1), ("we went home", 0, 2)]
    assert finals(heard) == [("we went home", 0, 2, True)]


@virtual_time
async def test_nothing_heard_is_not_speculated_about_but_ends() -> None:
    """An empty peek is not published; the end is, once, and empty."""
    async with stage(ScriptedTranscriber(())) as (bus, heard):
        await say(bus, *speech_of(500), chunk(500, ms=0, maybe_last=1), chunk(500, ms=0, last=True, confirms=1))
        await heard.until(Transcript, lambda t: t.last)
    assert [(t.payload, t.last, t.is_final, t.revision) for t in heard.of(Transcript)] == [("", True, True, 1)]


@virtual_time
async def test_a_lost_end_is_made_up_after_three_seconds_of_nothing() -> None:
    """The utterance is closed with what was heard and committed, and what still comes of it is ignored."""
    async with MemoryBus() as bus, listening(bus) as heard:
        async with recognition(bus, ScriptedTranscriber(words("we went home"))):
            await say(bus, *speech_of(700))
            at_ms = virtual_now_ms()
            await heard.until(Transcript, lambda t: t.last)
            assert 3000 <= virtual_now_ms() - at_ms <= 3250
            await say(bus, *speech_of(700, start_ms=700), chunk(1400, ms=0, last=True))
            await asyncio.sleep(5)
        assert await left_over(bus) == []
    assert finals(heard) == [("we went home", 0, 1, True)]


@virtual_time
async def test_the_next_utterance_ends_one_that_lost_its_end() -> None:
    """At once, and both keep their words."""
    transcriber = ScriptedTranscriber(words("we went"), words("they came"))
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(500), *speech_of(500, utterance="u2"), chunk(500, ms=0, utterance="u2", last=True))
        await heard.until(Transcript, lambda t: t.last and t.utterance_id == "u2")
    ends = [(t.utterance_id, t.payload, t.last) for t in heard.of(Transcript, lambda t: t.is_final)]
    assert ends == [("u1", "we went", True), ("u2", "they came", True)]


@virtual_time
async def test_a_late_chunk_of_an_ended_utterance_leaves_the_next_one_alone() -> None:
    """What is being spoken now goes on as if nothing had come."""
    transcriber = ScriptedTranscriber(words("we went"), words("they came home"))
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(500), chunk(500, ms=0, last=True))
        await say(bus, *speech_of(300, utterance="u2"))
        await bus.publish(chunk(400))
        await say(bus, *speech_of(400, start_ms=300, utterance="u2"), chunk(700, ms=0, last=True, utterance="u2"))
        await heard.until(Transcript, lambda t: t.last and t.utterance_id == "u2")
    ends = [(t.utterance_id, t.payload, t.last) for t in heard.of(Transcript, lambda t: t.is_final)]
    assert ends == [("u1", "we went", True), ("u2", "they came home", True)]


@virtual_time
async def test_two_speakers_do_not_mix() -> None:
    """Each has a session of their own."""
    transcriber = ScriptedTranscriber(words("we went"), words("they came"))
    async with stage(transcriber) as (bus, heard):
        for ann, bob in zip(speech_of(500), speech_of(500, utterance="u2", user="bob"), strict=True):
            await say(bus, ann, bob)
        await say(bus, chunk(500, ms=0, last=True), chunk(500, ms=0, last=True, utterance="u2", user="bob"))
        await heard.until(Transcript, lambda t: t.last and t.user_id == "bob")
    assert {t.user_id: t.payload for t in heard.of(Transcript, lambda t: t.last)} == {
        "ann": "we went",
        "bob": "they came",
    }


@virtual_time
async def test_a_crash_of_the_engine_loses_no_words() -> None:
    """The session is opened anew, hears everything again, and the utterance goes on."""
    transcriber = ScriptedTranscriber(words("we went home"), faults=[None, None, None, EngineCrashedError()])
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(700), chunk(700, ms=0, last=True))
        await heard.until(Transcript, lambda t: t.last)
    assert finals(heard) == [("we went home", 0, 1, True)]
    assert len(transcriber.sessions) == 2
    assert not heard.of(DeadLetter)


@virtual_time
async def test_a_worker_that_dies_leaves_open_utterances_whole() -> None:
    """Nothing of an open utterance is committed, not even behind a committed clause: the next worker hears it all."""
    script = words("we went home") + words("then we ate", start_ms=900)
    async with MemoryBus() as bus, listening(bus) as heard:
        async with recognition(bus, ScriptedTranscriber(script), worker=WorkerSettings(drain_s=0)):
            await say(bus, *speech_of(300, utterance="u0"), chunk(300, ms=0, utterance="u0", last=True))
            await say(bus, *speech_of(1500))
            await asyncio.sleep(0)
        assert await left_over(bus) == list(range(0, 1500, 100))
        async with recognition(bus, ScriptedTranscriber(script)):
            await bus.publish(chunk(1500, ms=0, last=True))
            await heard.until(Transcript, lambda t: t.last and t.utterance_id == "u1")
        assert await left_over(bus) == []
    spoken = [
        (t.payload, t.clause, t.revision) for t in heard.of(Transcript, lambda t: t.is_final and t.utterance_id == "u1")
    ]
    assert spoken == [("we went home", 0, 1), ("then we ate", 1, 1)]


@virtual_time
async def test_an_utterance_that_fails_for_good_is_one_tombstone_and_one_dead_letter_with_all_of_it() -> None:
    """Listeners hear of it at once; the letter comes when the utterance ends, with every chunk of it."""
    gone = EngineUnavailableError("no model", "install it")
    transcriber = ScriptedTranscriber(words("we went home"), faults=[None, None, gone])
    async with stage(transcriber) as (bus, heard):
        chunks = [*speech_of(700), chunk(700, ms=0, last=True)]
        await say(bus, *chunks[:4])
        tombstone = await heard.until(Transcript, lambda t: t.skipped)
        assert not heard.of(DeadLetter)
        await say(bus, *chunks[4:])
        letter = await heard.until(DeadLetter)
        await say(bus, *speech_of(300, utterance="u2"), chunk(300, ms=0, utterance="u2", last=True))
        await heard.until(Transcript, lambda t: t.utterance_id == "u2" and t.last)
    assert (tombstone.is_final, tombstone.last, tombstone.reason) == (True, True, "EngineUnavailableError")
    assert [decode(value, letter.original_headers) for value in letter.originals] == chunks
    assert [t.utterance_id for t in heard.of(Transcript, lambda t: t.last)] == ["u1", "u2"]


@virtual_time
async def test_an_utterance_that_fails_at_its_end_has_its_letter_at_once() -> None:
    """Nothing more of it is waited for."""
    transcriber = ScriptedTranscriber(
        words("we"), faults=[*[None] * 3, EngineUnavailableError("no model", "install it")]
    )
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(300), chunk(300, ms=0, last=True))
        assert len((await heard.until(DeadLetter)).originals) == 4
    assert virtual_now_ms() == EPOCH_MS + 300


@virtual_time
async def test_a_failed_utterance_whose_end_is_lost_still_gets_its_letter() -> None:
    """After the gap."""
    transcriber = ScriptedTranscriber(faults=[EngineUnavailableError("no model", "install it")])
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(300))
        assert len((await heard.until(DeadLetter)).originals) == 3


@virtual_time
async def test_an_engine_that_fails_at_a_lost_end_still_gives_the_words_it_had() -> None:
    """Closing makes do with the last hypothesis."""
    transcriber = ScriptedTranscriber(words("we went"), faults=[*[None] * 5, EngineCrashedError()])
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(500))
        await heard.until(Transcript, lambda t: t.last)
    assert finals(heard) == [("we went", 0, 1, True)]


@virtual_time
async def test_a_language_nobody_can_recognise_is_told_at_once() -> None:
    """One tombstone, no dead letter, and the engine is not asked."""
    transcriber = ScriptedTranscriber(words("we went"))
    async with stage(transcriber) as (bus, heard):
        await say(
            bus, *(chunk(at, language="fi") for at in range(0, 500, 100)), chunk(500, ms=0, language="fi", last=True)
        )
        await asyncio.sleep(4)
    assert [(t.skipped, t.last, t.reason) for t in heard.of(Transcript)] == [(True, True, "no recogniser for fi")]
    assert (transcriber.calls, heard.of(DeadLetter)) == ([], [])


@virtual_time
async def test_auto_uses_the_only_language_where_none_is_detected() -> None:
    """And says which it was; an engine that detects says what it heard."""
    for transcriber, language in (
        (ScriptedTranscriber(words("we"), languages=["en"]), "en"),
        (ScriptedTranscriber(words("we"), languages=["en", "auto"], detects="de"), "de"),
    ):
        async with stage(transcriber) as (bus, heard):
            await say(bus, chunk(0, ms=300, language="auto"), chunk(300, ms=0, language="auto", last=True))
            assert (await heard.until(Transcript, lambda t: t.last)).language == language


@virtual_time
async def test_an_utterance_that_never_ends_is_closed_at_the_longest() -> None:
    """The rest of it is ignored."""
    settings = RecognitionSettings(longest_ms=1000)
    async with stage(ScriptedTranscriber(words("a b c d e f g h")), settings) as (bus, heard):
        await say(bus, *speech_of(2000), chunk(2000, ms=0, last=True))
        await asyncio.sleep(4)
    assert finals(heard) == [("a b c d e", 0, 1, True)]


@virtual_time
async def test_more_utterances_than_allowed_are_refused() -> None:
    """With a tombstone; those that are open go on."""
    settings = RecognitionSettings(open_utterances=1)
    async with stage(ScriptedTranscriber(words("we")), settings) as (bus, heard):
        await say(bus, chunk(), chunk(user="bob", utterance="u2"), chunk(100, ms=200), chunk(300, ms=0, last=True))
        await heard.until(Transcript, lambda t: t.last and not t.skipped)
    assert [t.user_id for t in heard.of(Transcript, lambda t: t.skipped)] == ["bob"]


@virtual_time
async def test_no_word_is_in_the_log(log_lines: list[dict[str, object]]) -> None:
    """Ids and counts only, also when it fails."""
    transcriber = ScriptedTranscriber(words("secret"), faults=[None, None, EngineCrashedError(), ValueError("bad")])
    async with stage(transcriber) as (bus, heard):
        await say(bus, *speech_of(600), chunk(600, ms=0, last=True))
        await heard.until(DeadLetter)
    assert log_lines
    assert "secret" not in repr(log_lines)


@virtual_time
async def test_the_status_names_the_languages() -> None:
    """What the engine can be asked for."""
    async with stage(ScriptedTranscriber(languages=["en", "de"])) as (_, heard):
        status = await heard.until(WorkerStatus)
    assert (status.stage, status.engine, status.languages) == ("recognition", "scripted", ("de", "en"))


def test_it_is_told_what_is_not_done_by_the_best_engine() -> None:
    """With the place of whoever does it."""

    class Laddered(ScriptedTranscriber):
        fallen = MappingProxyType({"en": 2})

    condition = RecognitionStage(Laddered()).condition()
    assert (condition.rung, condition.reduced_languages) == (2, ("en",))


@virtual_time
async def test_a_room_s_words_are_listened_for() -> None:
    """The first terms of its glossary, as many as are set."""
    listened: list[tuple[str, ...]] = []

    class Listening(ScriptedTranscriber):
        async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> ScriptedTranscription:
            listened.append(hints)
            return await super().open(language, speaker, hints)

    async with stage(Listening(), RecognitionSettings(hints=2)) as (bus, heard):
        await bus.publish(RoomSettings(room_id="room", glossary={"hub": {"es": "eje"}, "axle": {}, "rim": {}}))
        await asyncio.sleep(0.1)
        await bus.publish(chunk(last=True))
        await heard.until(Transcript)
    assert listened == [("hub", "axle")]


def test_copies_for_late_joiners_are_not_recalled() -> None:
    """They are old, and say nothing of what another worker recognised last."""
    recognising = RecognitionStage(ScriptedTranscriber())
    copy = msgspec.structs.replace(transcript("we went home", final=True, last=True), purpose="history")
    recognising.recall(copy)
    assert recognising._memory.of("u1") is None
    recognising.recall(msgspec.structs.replace(copy, purpose="live"))
    assert recognising._memory.of("u1") is not None
