import asyncio
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
)
from pipeline.engines.options.openai_speech import OpenAISpeechOptions
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.synthesizers.openai import Engine
from tests.pipeline.engines.equipment.synthesis_openai import PATH, speak
from tests.support.provider import Answer, Provider
from tests.support.until import until


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        started.on("POST", PATH, speak)
        yield started


@pytest.fixture
def options(provider: Provider) -> OpenAISpeechOptions:
    return OpenAISpeechOptions(api_key="secret", base_url=provider.url + "/v1")


@pytest.fixture
async def engine(options: OpenAISpeechOptions) -> AsyncIterator[Engine]:
    async with Engine(options) as started:
        yield started


async def say(engine: Engine, text: str = "Good day.", language: str = "en", speed: float = 1.0) -> bytes:
    request = SynthesisRequest(text=text, language=language, voice_seed="anna", speed=speed)
    return b"".join([chunk async for chunk in engine.synthesize(request)])


def test_openai_itself_wants_a_key() -> None:
    """The message says what to set."""
    for make in (Engine, Engine.check):
        with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__OPENAI_SPEECH__API_KEY"):
            make()


async def test_it_asks_as_documented(engine: Engine, provider: Provider) -> None:
    """PCM, a stock voice, the speed; the key in its header."""
    assert await say(engine, "Good \x00day.", speed=1.25)
    (request,) = provider.requests
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.json == {
        "model": "tts-1",
        "input": "Good day.",
        "voice": "onyx",
        "response_format": "pcm",
        "speed": 1.25,
    }


async def test_instructions_go_along_if_they_are_set(options: OpenAISpeechOptions, provider: Provider) -> None:
    """For the models that listen to them."""
    async with Engine(replace(options, model="gpt-4o-mini-tts", instructions="Calmly.")) as engine:
        await say(engine)
    assert provider.requests[0].json["instructions"] == "Calmly."


async def test_a_server_of_ones_own_needs_no_key_and_may_know_less(
    options: OpenAISpeechOptions, provider: Provider
) -> None:
    """Its languages and its sample rate can be set."""
    own = replace(options, api_key="", languages=("en-us", "ja"), sample_rate=22_050)
    async with Engine(own) as engine:
        assert engine.languages == {"en-US", "ja"}
        assert engine.sample_rate == 22_050
        await say(engine, language="ja")
    assert "Authorization" not in provider.requests[0].headers


async def test_a_monologue_is_several_requests(engine: Engine, provider: Provider) -> None:
    """One after the other, each cut between sentences."""
    await say(engine, "A short sentence of few words. " * 100)
    inputs = [request.json["input"] for request in provider.requests]
    assert len(inputs) == 2
    assert all(len(each) <= 2_000 and each.endswith("words.") for each in inputs)
    with pytest.raises(RequestTooLargeError):
        await say(engine, "word " * 5_000)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401, json={"error": {"message": "secret", "code": "invalid_api_key"}}), EngineRefusedError),
        (Answer(status=429, json={"error": {"type": "insufficient_quota"}}), EngineRefusedError),
        (Answer(status=429, headers={"Retry-After": "5"}), EngineBusyError),
        (Answer(status=400), RequestRefusedError),
        (Answer(status=500), EngineError),
        (Answer(status=503), EngineBusyError),
        (Answer(fault="silent"), EngineTimeoutError),
        (Answer(pieces=(bytes(100), bytes(100)), pause_s=20), EngineTimeoutError),
        (Answer(body=bytes(1_000), fault="half closed"), EngineError),
        (Answer(body=bytes(1_000), fault="reset"), EngineError),
        (Answer(fault="garbage"), EngineError),
        (Answer(json={"error": "secret"}), EngineError),
        (Answer(body=b"RIFF" + bytes(100)), EngineUnavailableError),
    ],
    ids=[
        "401", "no quota", "429", "400", "500", "503",
        "silent", "stalled", "half closed", "reset", "garbage", "JSON", "WAV",
    ],
)  # fmt: skip
async def test_a_failed_answer_is_an_engines_error(
    options: OpenAISpeechOptions, engine: Engine, provider: Provider, answer: Answer, kind: type[EngineError]
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
    """In the middle of the sound, and before it begins."""
    provider.on("POST", PATH, Answer(pieces=(bytes(100), bytes(100)), pause_s=20), Answer(fault="silent"))
    request = SynthesisRequest(text="Good day.", language="en", voice_seed="anna")
    async with aclosing(engine.synthesize(request)) as sound:
        assert await anext(sound)
    await until(lambda: provider.abandoned == 1)
    saying = asyncio.create_task(say(engine))
    await until(lambda: len(provider.requests) == 2)
    saying.cancel()
    await asyncio.wait([saying])
    await until(lambda: provider.abandoned == 2)
