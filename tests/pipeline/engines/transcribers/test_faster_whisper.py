"""faster-whisper as an engine, on a small model with random weights that says the same sentence to everything."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from pipeline.engines.engine import EngineError, EngineUnavailableError, UnsupportedLanguageError
from pipeline.engines.hosted import HostedTranscriber
from pipeline.engines.options.faster_whisper import FasterWhisperOptions
from pipeline.engines.settings import EngineSettings
from pipeline.engines.transcriber import Hypothesis
from pipeline.engines.transcribers.faster_whisper import Engine
from tests.support.recordings import Recording
from tests.support.whisper_model import SCRIPT, micro_model

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.blocks_loop("models are loaded holding Python's lock; workers have them in other processes"),
]

SAID = " ".join(SCRIPT)
SECOND = 32_000


def options() -> FasterWhisperOptions:
    return FasterWhisperOptions(
        model=str(micro_model()), device="cpu", compute_type="float32", threads=1, pad_to_s=4.0, batch_wait_ms=5
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    async with Engine(options()) as started:
        yield started


async def hear(engine: Engine, pcm: bytes, language: str = "en", speaker: str = "") -> Hypothesis:
    utterance = await engine.open(language, speaker)
    await utterance.push(pcm)
    return await utterance.finish()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_the_language_is_detected_and_told_with_its_probability(
    engine: Engine, recordings: tuple[Recording, ...]
) -> None:
    """Where one is asked for, there is none to tell."""
    pcm = recordings[4].samples.tobytes()
    detected, asked = await hear(engine, pcm, "auto", "ann"), await hear(engine, pcm, "es")
    assert (detected.text, detected.language) == (SAID, "en")
    assert detected.language_probability == pytest.approx(1.0, abs=1e-3)
    assert (asked.text, asked.language, asked.language_probability) == (SAID, "es", None)


async def test_before_anything_was_heard_the_language_is_what_was_asked_for(engine: Engine) -> None:
    """Silence is in no language."""
    assert (await hear(engine, bytes(SECOND), "auto")).language == "auto"


async def test_it_hears_what_the_model_knows(engine: Engine) -> None:
    """This one has the languages of the first models: Cantonese came later."""
    assert {"auto", "en", "es", "fr", "de", "it", "pt", "ru", "ja", "zh", "ko", "ar", "hi", "th"} <= engine.languages
    assert "yue" not in engine.languages
    with pytest.raises(UnsupportedLanguageError):
        await engine.open("yue")


async def test_a_rooms_words_reach_the_decoder(engine: Engine, recordings: tuple[Recording, ...]) -> None:
    """This model has its words at fixed places: a prompt of n tokens, and the one before it, take the first of them."""
    utterance = await engine.open("en", "ann", ("Ann",))
    await utterance.push(recordings[4].samples.tobytes())
    assert (await utterance.finish()).text == " ".join(SCRIPT[len(" Ann") + 1 :])


async def test_many_speakers_share_one_model(engine: Engine, recordings: tuple[Recording, ...]) -> None:
    """Each gets its own words, in its own time."""
    heard = await asyncio.gather(*(hear(engine, recordings[n % 5].samples.tobytes()) for n in range(8)))
    assert [one.text for one in heard] == [SAID] * 8
    assert len({one.words for one in heard}) == 5


async def test_noise_is_nothing(recordings: tuple[Recording, ...]) -> None:
    """Without Silero all that is not silent may be speech."""
    async with Engine(replace(options(), vad_filter=False)) as plain:
        assert (await hear(plain, bytes(SECOND))).text == ""
        assert (await hear(plain, b"\x10\x00\xf0\xff" * 8_000)).text == ""
        assert (await hear(plain, recordings[4].samples.tobytes())).text == SAID


async def test_after_its_end_it_hears_no_more() -> None:
    """Whoever asks is told; and before its start."""
    ended = Engine(options())
    with pytest.raises(EngineError):
        await ended.open("en")


async def test_without_a_model_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So `auto` passes it over."""
    for name in ("HF_HOME", "HF_HUB_CACHE", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(EngineUnavailableError, match="parley models pull"):
        Engine.check()
    with pytest.raises(EngineUnavailableError, match="parley models pull"):
        Engine()


@pytest.mark.soak
@pytest.mark.timeout(1_800)
async def test_its_memory_is_flat_over_five_thousand_utterances(
    engine: Engine, recordings: tuple[Recording, ...]
) -> None:
    """After the first thousand; each of another speaker."""
    pcm = recordings[4].samples.tobytes()[: 2 * SECOND]
    resident: list[int] = []
    for number in range(5_000):
        if number % 1_000 == 0:
            resident.append(resident_bytes())
        await hear(engine, pcm, "auto", f"speaker {number}")
    assert resident_bytes() < resident[1] * 1.02 + 2_000_000


async def test_in_a_process_of_its_own_it_has_what_is_set(recordings: tuple[Recording, ...]) -> None:
    """The options, and a room's words, cross over; interim words and what is stable come back."""
    settings = EngineSettings(faster_whisper=options())
    async with HostedTranscriber(Engine.info, Engine.__module__, settings) as hosted:
        utterance = await hosted.open("auto", "ann", ("Ann",))
        await utterance.push(recordings[4].samples.tobytes())
        peeked = await utterance.peek()
        heard = await utterance.finish()
    assert heard == peeked
    assert (heard.language, heard.text) == ("en", " ".join(SCRIPT[len(" Ann") + 1 :]))
    assert heard.stable is not None
