from collections.abc import AsyncIterator
from contextlib import aclosing
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
from pipeline.engines.options.voiceai import VoiceAIOptions
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.synthesizers.voiceai import Engine
from tests.pipeline.engines.equipment.synthesis_voiceai import PATH, speak
from tests.support.provider import Answer, Provider
from tests.support.until import until


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        started.on("POST", PATH, speak)
        yield started


@pytest.fixture
def options(provider: Provider) -> VoiceAIOptions:
    return VoiceAIOptions(api_key="secret", base_url=provider.url)


@pytest.fixture
async def engine(options: VoiceAIOptions) -> AsyncIterator[Engine]:
    async with Engine(options) as started:
        yield started


async def say(engine: Engine, text: str = "Good day.", language: str = "en") -> bytes:
    request = SynthesisRequest(text=text, language=language, voice_seed="anna")
    return b"".join([chunk async for chunk in engine.synthesize(request)])


def test_without_a_key_it_says_what_to_set() -> None:
    """By the names of the setting and of the variable; nothing is asked."""
    for make in (Engine, Engine.check):
        with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__VOICEAI__API_KEY"):
            make()


async def test_it_asks_as_documented(engine: Engine, provider: Provider) -> None:
    """PCM, the language's code; what is left out, the provider chooses. The key is in its header."""
    assert await say(engine, language="pt-BR")
    (request,) = provider.requests
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.json == {
        "text": "Good day.",
        "language": "pt",
        "audio_format": "pcm",
        "temperature": 1.0,
        "top_p": 0.8,
    }


async def test_voices_and_model_are_asked_for_if_they_are_set(options: VoiceAIOptions, provider: Provider) -> None:
    """By their ids."""
    async with Engine(replace(options, voices=("v1",), model="voiceai-tts-v1-latest")) as engine:
        await say(engine)
    assert {name: provider.requests[0].json[name] for name in ("voice_id", "model")} == {
        "voice_id": "v1",
        "model": "voiceai-tts-v1-latest",
    }


async def test_what_it_does_not_speak_is_refused(engine: Engine, provider: Provider) -> None:
    """So is a text of which no end is in sight; nothing is asked."""
    with pytest.raises(UnsupportedLanguageError):
        await say(engine, language="ja")
    with pytest.raises(RequestTooLargeError):
        await say(engine, "word " * 5_000)
    assert not provider.requests


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401, json={"detail": "secret"}), EngineRefusedError),
        (Answer(status=402), EngineRefusedError),
        (Answer(status=422, json={"detail": [{"msg": "secret"}]}), RequestRefusedError),
        (Answer(status=429, headers={"Retry-After": "5"}), EngineBusyError),
        (Answer(status=500), EngineError),
        (Answer(fault="silent"), EngineTimeoutError),
        (Answer(pieces=(bytes(100), bytes(100)), pause_s=20), EngineTimeoutError),
        (Answer(body=bytes(1_000), fault="half closed"), EngineError),
        (Answer(fault="garbage"), EngineError),
        (Answer(json={"detail": "secret"}), EngineError),
        (Answer(body=b"ID3\x04" + bytes(100)), EngineUnavailableError),
    ],
    ids=["401", "402", "422", "429", "500", "silent", "stalled", "half closed", "garbage", "JSON", "MP3"],
)
async def test_a_failed_answer_is_an_engines_error(
    options: VoiceAIOptions, engine: Engine, provider: Provider, answer: Answer, kind: type[EngineError]
) -> None:
    """Nothing of key or answer is quoted; the next clause is spoken if the next answer is well."""
    provider.on("POST", PATH, answer, speak)
    async with Engine(replace(options, timeout_s=0.3 if kind is EngineTimeoutError else 8)) as failing:
        with pytest.raises(EngineError) as failed:
            await say(failing)
    assert type(failed.value) is kind
    assert "secret" not in str(failed.value)
    assert await say(engine)


async def test_who_stops_listening_closes_the_connection(engine: Engine, provider: Provider) -> None:
    """The provider need not go on."""
    provider.on("POST", PATH, Answer(pieces=(bytes(100), bytes(100)), pause_s=20))
    request = SynthesisRequest(text="Good day.", language="en", voice_seed="anna")
    async with aclosing(engine.synthesize(request)) as sound:
        assert await anext(sound)
    await until(lambda: provider.abandoned == 1)
