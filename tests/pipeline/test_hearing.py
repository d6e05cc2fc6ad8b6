"""An utterance's sound on its way into a transcriber."""

import asyncio

import pytest

from pipeline.engines.engine import EngineCrashedError
from pipeline.engines.transcriber import Hypothesis
from pipeline.hearing import Hearing
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranscription, words
from tests.fakes.virtual_time import virtual_time
from tests.pipeline.support import chunk


async def test_a_session_that_broke_is_opened_anew_and_hears_everything_again() -> None:
    """After a crash the words are those of the whole sound so far."""
    transcriber = ScriptedTranscriber(words("one two three"), faults=[None, EngineCrashedError()])
    hearing = Hearing(transcriber, "en", chunk())
    await hearing.hear(chunk(0, ms=200))
    with pytest.raises(EngineCrashedError):
        await hearing.hear(chunk(200, ms=200))
    assert (await hearing.hear(chunk(200, ms=200))).text == "one two"
    assert [(session.heard_ms, session.over) for session in transcriber.sessions] == [(400, True), (400, False)]


async def test_sound_that_comes_twice_is_heard_once() -> None:
    """Also when only a part of it came before."""
    hearing = Hearing(transcriber := ScriptedTranscriber(), "en", chunk())
    for start_ms, ms in ((0, 200), (0, 200), (100, 200)):
        await hearing.hear(chunk(start_ms, ms=ms))
    assert (hearing.heard_ms, transcriber.sessions[0].heard_ms) == (300, 300)


async def test_a_hole_is_filled_with_silence() -> None:
    """So the words behind it keep their times."""
    hearing = Hearing(transcriber := ScriptedTranscriber(), "en", chunk())
    await hearing.hear(chunk(0))
    await hearing.hear(chunk(500))
    assert transcriber.sessions[0].heard_ms == 600


async def test_times_count_from_the_utterances_first_sample_even_if_its_first_chunk_was_lost() -> None:
    """The session knows only what was pushed; its times are moved."""
    hearing = Hearing(ScriptedTranscriber(words("one")), "en", first := chunk(300, ms=200))
    (word,) = (await hearing.hear(first)).words
    assert (word.start_ms, word.end_ms) == (300, 500)


async def test_what_the_engine_says_of_its_words_stays_with_them() -> None:
    """How many are stable, and how sure it is of the language, also where times are moved."""

    class Sure(ScriptedTranscription):
        async def push(self, pcm: bytes) -> Hypothesis:
            return Hypothesis(words("one"), "en", 0.9, 1)

    class Knowing(ScriptedTranscriber):
        async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> ScriptedTranscription:
            return Sure(self, (), language)

    heard = await Hearing(Knowing(), "en", first := chunk(300, ms=200)).hear(first)
    assert heard == Hypothesis(words("one", start_ms=300), "en", 0.9, 1)


async def test_the_speaker_is_named_to_the_engine() -> None:
    """So that it can adapt to the voice; and what it may listen for."""
    speakers = []

    class Adapting(ScriptedTranscriber):
        async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
            speakers.append((speaker, hints))
            return await super().open(language, speaker, hints)

    await Hearing(Adapting(), "en", chunk(), hints=("Parley",)).hear(chunk())
    assert speakers == [("room/ann", ("Parley",))]


@virtual_time
async def test_a_session_that_hangs_is_left_behind() -> None:
    """Forgetting it returns all the same, and a second time at once."""
    hearing = Hearing(transcriber := ScriptedTranscriber(), "en", chunk())
    await hearing.hear(chunk())

    async def hang() -> None:
        await asyncio.sleep(1e6)

    transcriber.sessions[0].abort = hang  # type: ignore[method-assign]
    await hearing.abort()
    await hearing.abort()
    assert asyncio.get_running_loop().time() == 1.0


@virtual_time
async def test_a_call_that_was_cancelled_breaks_the_session() -> None:
    """Nobody knows what it heard, so the next call begins anew."""
    transcriber = ScriptedTranscriber(words("one"), delay_s=1.0)
    hearing = Hearing(transcriber, "en", chunk())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await hearing.hear(chunk(0, ms=200))
    assert (await hearing.finish()).text == "one"
    assert len(transcriber.sessions) == 2
