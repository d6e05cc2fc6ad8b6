from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestRefusedError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.options.openai_transcription import OpenAITranscriptionOptions
from pipeline.engines.transcribers.openai import Engine
from tests.pipeline.engines.equipment.recognition_openai import PATH, transcribe
from tests.support.provider import Answer, Provider
from tests.support.recordings import Recording
from tests.support.until import until

SECOND = 32_000


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        started.on("POST", PATH, transcribe)
        yield started


@pytest.fixture
def options(provider: Provider) -> OpenAITranscriptionOptions:
    return OpenAITranscriptionOptions(api_key="secret", base_url=provider.url + "/v1", prompt="Austen", step_s=0.0)


@pytest.fixture
async def engine(options: OpenAITranscriptionOptions) -> AsyncIterator[Engine]:
    async with Engine(options) as started:
        yield started


def test_openai_itself_wants_a_key() -> None:
    """The message says what to set."""
    for make in (Engine, Engine.check):
        with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__OPENAI_TRANSCRIPTION__API_KEY"):
            make()


async def test_it_asks_as_documented(engine: Engine, provider: Provider, recording: Recording) -> None:
    """A WAV file, the model, the language's code, word times; the key in its header."""
    utterance = await engine.open("pt-BR", hints=("Dashwood", "Marianne"))
    await utterance.push(recording.samples.tobytes())
    heard = await utterance.finish()
    (request,) = provider.requests
    assert request.headers["Authorization"] == "Bearer secret"
    sound = request.form.pop("file")  # type: ignore[attr-defined]
    assert sound[44:] == recording.samples.tobytes()
    assert request.form == {
        "model": "whisper-1",
        "temperature": "0",
        "language": "pt",
        "prompt": "Dashwood, Marianne, Austen",
        "response_format": "verbose_json",
        "timestamp_granularities[]": ["word", "segment"],
    }
    assert heard.words[-1].text == "word12."
    assert (heard.words[0].start_ms, heard.words[0].end_ms) == (100, 400)
    assert heard.language == "pt-BR"


async def test_auto_has_the_language_found(engine: Engine, provider: Provider, recording: Recording) -> None:
    """The server is asked without one, and says it by its English name."""
    utterance = await engine.open("auto")
    await utterance.push(recording.samples.tobytes()[:SECOND])
    assert (await utterance.finish()).language == "en"
    assert "language" not in provider.requests[0].form


async def test_newer_models_are_asked_for_plain_json(
    options: OpenAITranscriptionOptions, provider: Provider, recording: Recording
) -> None:
    """Their words are spread over the sound."""
    provider.on("POST", PATH, Answer(json={"text": "Good day."}))
    async with Engine(replace(options, model="gpt-4o-mini-transcribe")) as engine:
        utterance = await engine.open("en")
        await utterance.push(recording.samples.tobytes()[:SECOND])
        heard = await utterance.finish()
    assert provider.requests[0].form["response_format"] == "json"
    assert "timestamp_granularities[]" not in provider.requests[0].form
    assert [(word.text, word.start_ms, word.end_ms) for word in heard.words] == [("Good", 0, 500), ("day.", 500, 1000)]


async def test_a_server_of_ones_own_needs_no_key(options: OpenAITranscriptionOptions, provider: Provider) -> None:
    """None is sent."""
    async with Engine(replace(options, api_key="")) as engine:
        utterance = await engine.open("en")
        await utterance.push(b"\x00\x20" * 16_000)
        await utterance.finish()
    assert "Authorization" not in provider.requests[0].headers


async def test_interim_text_comes_while_somebody_speaks(
    options: OpenAITranscriptionOptions, recording: Recording
) -> None:
    """Words settle once two windows agree on them."""
    pcm = recording.samples.tobytes()
    async with Engine(replace(options, step_s=1.0)) as engine:
        utterance = await engine.open("en")
        stable = []
        for second in range(4):
            await utterance.push(pcm[second * SECOND : (second + 1) * SECOND])
            await until(lambda: utterance._interim is None or utterance._interim.done())
            stable.append((await utterance.push(b"")).stable)
        assert stable == [0, 2, 4, 6]
        assert (await utterance.finish()).text == "he might even word3 word4 word5 word6 word7."


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401, json={"error": {"message": "secret", "code": "invalid_api_key"}}), EngineRefusedError),
        (Answer(status=429, json={"error": {"code": "insufficient_quota"}}), EngineRefusedError),
        (Answer(status=429, headers={"Retry-After": "5"}), EngineBusyError),
        (Answer(status=400, json={"error": {"code": "audio_too_short"}}), RequestRefusedError),
        (Answer(status=413), RequestTooLargeError),
        (Answer(status=500), EngineError),
        (Answer(status=503), EngineBusyError),
        (Answer(fault="silent"), EngineTimeoutError),
        (Answer(json={"text": "secret"}, fault="half closed"), EngineError),
        (Answer(fault="garbage"), EngineError),
        (Answer(body=b"<html>"), EngineError),
        (Answer(json={"text": ["secret"]}), EngineError),
    ],
    ids=[
        "401", "no quota", "429", "400", "413", "500", "503",
        "silent", "half closed", "garbage", "no JSON", "no transcription",
    ],
)  # fmt: skip
async def test_a_failed_answer_is_an_engines_error(
    options: OpenAITranscriptionOptions,
    engine: Engine,
    provider: Provider,
    answer: Answer,
    kind: type[EngineError],
) -> None:
    """Nothing of key or answer is quoted; the next utterance is heard if the next answer is well."""
    provider.on("POST", PATH, answer, transcribe)
    async with Engine(replace(options, timeout_s=0.3 if kind is EngineTimeoutError else 8)) as failing:
        utterance = await failing.open("en")
        await utterance.push(b"\x00\x20" * 16_000)
        with pytest.raises(EngineError) as failed:
            await utterance.finish()
    assert type(failed.value) is kind
    assert "secret" not in str(failed.value)
    again = await engine.open("en")
    await again.push(b"\x00\x20" * 16_000)
    assert (await again.finish()).text == "he might."


async def test_the_engine_closes_what_is_under_way(options: OpenAITranscriptionOptions, provider: Provider) -> None:
    """Interim windows too, when it ends or their utterance does."""
    provider.on("POST", PATH, Answer(fault="silent"))
    async with Engine(replace(options, step_s=0.5, timeout_s=10)) as engine:
        aborted, left = await engine.open("en"), await engine.open("en")
        for utterance in (aborted, left):
            await utterance.push(b"\x00\x20" * 16_000)
        await until(lambda: len(provider.requests) == 2)
        await aborted.abort()
        await until(lambda: provider.abandoned == 1)
    await until(lambda: provider.abandoned == 2)


async def test_unknown_languages_are_refused(engine: Engine) -> None:
    """By name."""
    with pytest.raises(UnsupportedLanguageError):
        await engine.open("tlh")
