"""What every transcriber promises; every file in the folder is put to it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from pipeline.engines.engine import EngineError, UnsupportedLanguageError
from pipeline.engines.registry import EngineFile
from pipeline.engines.transcriber import Hypothesis, Transcriber, Word, text_of
from tests.pipeline.engines.contract import engine_of, engines_of, shared_engine
from tests.support.recordings import Recording

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.blocks_loop("models are loaded holding Python's lock; workers have them in other processes"),
]

SECOND = 32_000
STEP = 3_200


engine = shared_engine("recognition")


@pytest_asyncio.fixture(loop_scope="module", params=engines_of("recognition"))
async def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Transcriber]:
    """Give each engine as it starts: what one hears may depend on what it has heard."""
    async with engine_of(request.param, tmp_path) as transcriber:
        yield transcriber


def language(engine: Transcriber) -> str:
    return min(engine.languages, key=lambda tag: tag != "en")


def noise(seconds: float) -> bytes:
    return np.random.default_rng(1).normal(0, 500, round(seconds * SECOND / 2)).astype("<i2").tobytes()


async def hear(engine: Transcriber, pcm: bytes, speaker: str = "") -> Hypothesis:
    utterance = await engine.open(language(engine), speaker)
    for at in range(0, len(pcm), STEP):
        await utterance.push(pcm[at : at + STEP])
    return await utterance.finish()


async def test_a_hypothesis_reads_as_text() -> None:
    """Its words with spaces between them."""
    assert Hypothesis((Word("good", 0, 200), Word("day", 200, 400)), "en").text == "good day"
    assert Hypothesis((), "en").text == ""


async def test_scripts_without_spaces_read_without_spaces() -> None:
    """Chinese, Japanese and Thai are not torn apart, however an engine cuts them into words."""
    assert text_of((Word("我们", 0, 200), Word("回", 200, 300), Word("家。", 300, 400))) == "我们回家。"
    assert text_of((Word("ไป", 0, 200), Word("บ้าน", 200, 300))) == "ไปบ้าน"
    assert text_of((Word("집에", 0, 200), Word("가요", 200, 300))) == "집에 가요"


async def test_an_empty_utterance_has_no_words(engine: Transcriber) -> None:
    """No sound, empty sound, half a sample: nothing was said."""
    assert (await hear(engine, b"")).words == ()
    utterance = await engine.open(language(engine))
    assert (await utterance.push(b"")).words == ()
    assert (await utterance.push(b"\x01")).words == ()
    assert (await utterance.peek()).words == ()
    assert (await utterance.finish()).words == ()


async def test_digital_silence_has_no_words(engine: Transcriber) -> None:
    """Nobody is put words into the mouth."""
    assert (await hear(engine, bytes(2 * SECOND))).words == ()


async def test_noise_is_survived(engine: Transcriber) -> None:
    """Whatever an engine makes of it, times are in order and within the sound."""
    heard = await hear(engine, noise(2))
    assert all(0 <= word.start_ms < word.end_ms <= 2_100 for word in heard.words)


async def test_words_come_with_their_times(engine: Transcriber, recording: Recording) -> None:
    """In order, without overlap, within the sound; the language is said."""
    heard = await hear(engine, recording.samples.tobytes())
    assert len(heard.words) > 10
    assert all(word.text and word.start_ms < word.end_ms for word in heard.words)
    assert all(a.end_ms <= b.start_ms for a, b in zip(heard.words, heard.words[1:], strict=False))
    assert heard.words[-1].end_ms <= recording.duration_s * 1000 + 50
    assert heard.language == "en"


async def test_peeking_disturbs_nothing(fresh: Transcriber, recordings: tuple[Recording, ...]) -> None:
    """It says what finish says, and what is heard afterwards is as if nothing had been asked."""
    pcm = recordings[4].samples.tobytes()
    plain = await hear(fresh, pcm)
    utterance = await fresh.open(language(fresh), "somebody else")
    for at in range(0, len(pcm), STEP):
        await utterance.push(pcm[at : at + STEP])
        await utterance.peek()
    peeked = await utterance.peek()
    assert await utterance.finish() == peeked
    assert peeked.text == plain.text


async def test_unknown_languages_are_refused(engine: Transcriber) -> None:
    """By name, before any sound."""
    with pytest.raises(UnsupportedLanguageError):
        await engine.open("tlh")


async def test_two_utterances_at_once_are_kept_apart(fresh: Transcriber, recordings: tuple[Recording, ...]) -> None:
    """Each is heard as if alone."""
    first, second = (recordings[n].samples.tobytes()[: 2 * SECOND] for n in (1, 4))
    alone = [await hear(fresh, first, "a"), await hear(fresh, second, "b")]
    together = await asyncio.gather(hear(fresh, first, "c"), hear(fresh, second, "d"))
    assert [heard.text for heard in together] == [heard.text for heard in alone]


async def test_an_utterance_is_over_after_its_end(engine: Transcriber) -> None:
    """Abort is harmless then, and twice; anything else is refused."""
    utterance = await engine.open(language(engine))
    await utterance.finish()
    await utterance.abort()
    aborted = await engine.open(language(engine))
    await aborted.push(bytes(STEP))
    await aborted.abort()
    await aborted.abort()
    for over in (utterance, aborted):
        with pytest.raises(EngineError):
            await over.push(bytes(STEP))
        with pytest.raises(EngineError):
            await over.finish()


async def test_a_cancelled_call_costs_only_itself(fresh: Transcriber, recordings: tuple[Recording, ...]) -> None:
    """The utterance can be aborted at once, and the next one is heard as ever."""
    pcm = recordings[4].samples.tobytes()
    before = await hear(fresh, pcm, "one")
    utterance = await fresh.open(language(fresh))
    pushing = asyncio.create_task(utterance.push(pcm))
    await asyncio.sleep(0.01)
    pushing.cancel()
    await utterance.abort()
    assert before.text
    assert (await hear(fresh, pcm, "another")).text == before.text


async def test_a_very_long_piece_of_sound_is_taken(engine: Transcriber) -> None:
    """Longer than any utterance: it is heard to its end."""
    utterance = await engine.open(language(engine))
    await utterance.push(noise(2) + bytes(10 * SECOND))
    await utterance.finish()


@pytest.mark.parametrize("file", engines_of("recognition"))
async def test_ending_twice_is_harmless(file: EngineFile, tmp_path: Path) -> None:
    """The second time does nothing."""
    async with engine_of(file, tmp_path) as engine:
        await engine.__aexit__(None, None, None)
