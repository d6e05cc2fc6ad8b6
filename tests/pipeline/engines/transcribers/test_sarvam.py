import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    UnsupportedLanguageError,
)
from pipeline.engines.options.sarvam import SarvamOptions
from pipeline.engines.transcribers.sarvam import Engine
from tests.pipeline.engines.equipment.recognition_sarvam import PATH, listen
from tests.support.provider import Answer, Provider, Talking
from tests.support.recordings import Recording
from tests.support.until import until

SECOND = 32_000


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        started.talk(PATH, listen)
        yield started


def options(provider: Provider) -> SarvamOptions:
    return SarvamOptions(api_key="secret", base_url=provider.url, prompt="cricket", peek_s=5.0)


@pytest.fixture
async def engine(provider: Provider) -> AsyncIterator[Engine]:
    async with Engine(options(provider)) as started:
        yield started


def test_without_a_key_it_says_what_to_set() -> None:
    """By the names of the setting and of the variable; nothing is asked."""
    for make in (Engine, Engine.check):
        with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__SARVAM__API_KEY"):
            make()


async def test_it_asks_as_documented(engine: Engine, provider: Provider, recording: Recording) -> None:
    """Key, format and language in the handshake; sound in base64 between speech_start and speech_end; then the end."""
    utterance = await engine.open("hi", hints=("Kohli", "Dhoni"))
    await utterance.push(recording.samples.tobytes())
    await utterance.finish()
    talk = provider.talks[0]
    assert talk.request.headers["api-subscription-key"] == "secret"
    assert dict(talk.request.query) == {
        "model": "saaras:v3-realtime",
        "language_code": "hi-IN",
        "stream_type": "fast",
        "mode": "transcribe",
        "endpointing": "manual",
        "encoding": "linear16",
        "sample_rate": "16000",
        "prompt": "cricket, Kohli, Dhoni",
    }
    events = [said["event"] for said in talk.received]
    assert (events[0], events[-2:]) == ("speech_start", ["speech_end", "end"])
    sound = b"".join(base64.b64decode(said["audio"]) for said in talk.received if said["event"] == "audio_input")
    assert sound == recording.samples.tobytes()


async def test_words_of_a_stretch_are_spread_over_it(engine: Engine, recording: Recording) -> None:
    """And never change; the language comes with its probability."""
    utterance = await engine.open("auto")
    await utterance.push(bytes(SECOND))
    await utterance.push(recording.samples.tobytes()[: 2 * SECOND])
    heard = await utterance.peek()
    assert (heard.text, heard.stable) == ("he might even word3", 4)
    assert heard.words[0].start_ms >= 500  # at most so much of the silence was sent
    assert heard.words[-1].end_ms == 3_000
    assert (heard.language, heard.language_probability) == ("en", 0.9)
    await utterance.push(recording.samples.tobytes()[2 * SECOND : 3 * SECOND])
    finished = await utterance.finish()
    assert finished.words[:4] == heard.words
    assert finished.words[4].start_ms >= 3_000


async def test_silence_is_not_sent(engine: Engine, provider: Provider) -> None:
    """Nothing is invented for it, and nothing paid."""
    utterance = await engine.open("en")
    await utterance.push(bytes(5 * SECOND))
    assert (await utterance.peek()).words == ()
    assert (await utterance.finish()).words == ()
    assert [said["event"] for said in provider.talks[0].received] == ["end"]


async def test_interim_words_are_not_settled(engine: Engine, provider: Provider, recording: Recording) -> None:
    """They may be replaced."""
    utterance = await engine.open("en")
    await utterance.push(recording.samples.tobytes()[:SECOND])
    await until(lambda: len((utterance._dialect.hypothesis).words) == 2)
    heard = await utterance.push(b"")
    assert (heard.text, heard.stable) == ("he might", 0)
    await utterance.abort()
    await until(lambda: provider.open_talks == 0)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401, json={"error": {"code": "invalid_api_key_error"}}), EngineRefusedError),
        (Answer(status=403), EngineRefusedError),
        (Answer(status=429, headers={"Retry-After": "4"}), EngineBusyError),
        (Answer(status=503), EngineBusyError),
        (Answer(status=500), EngineError),
        (Answer(fault="garbage"), EngineError),
        (Answer(body=b"??", fault="half closed"), EngineError),
        (Answer(fault="silent"), EngineTimeoutError),
    ],
    ids=["401", "403", "429", "503", "500", "garbage", "half closed", "silent"],
)
async def test_a_failed_handshake_is_told(provider: Provider, answer: Answer, kind: type[EngineError]) -> None:
    """By the next call."""
    provider.on("GET", PATH, answer)
    connect_s = 0.1 if kind is EngineTimeoutError else 5.0
    async with Engine(replace(options(provider), connect_s=connect_s)) as engine:
        utterance = await engine.open("en")
        await utterance.push(bytes(SECOND))
        with pytest.raises(EngineError) as failed:
            await utterance.finish()
    assert type(failed.value) is kind
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"event": "error", "code": "unauthorized", "is_fatal": True, "status_code": 401}, EngineRefusedError),
        ({"event": "error", "code": "rate_limit", "is_fatal": True, "status_code": 429}, EngineBusyError),
        ({"event": "error", "code": "internal", "is_fatal": True, "message": "secret"}, EngineError),
        ({"event": "transcript.final", "text": 17, "x": "secret"}, EngineError),
    ],
)
async def test_a_fatal_error_ends_the_utterance(
    engine: Engine, provider: Provider, told: dict[str, object], kind: type[EngineError]
) -> None:
    """As the same status would have before; nothing of it is quoted."""

    async def fail(talking: Talking) -> None:
        await talking.receive()
        await talking.tell(told)
        await talking.receive()

    provider.talk(PATH, fail)
    utterance = await engine.open("en")
    await utterance.push(bytes(SECOND))
    with pytest.raises(EngineError) as failed:
        await utterance.finish()
    assert type(failed.value) is kind
    assert "secret" not in str(failed.value)


async def test_an_error_that_is_not_fatal_changes_nothing(
    engine: Engine, provider: Provider, recording: Recording
) -> None:
    """The words come all the same."""

    async def complain(talking: Talking) -> None:
        await talking.tell({"event": "error", "code": "invalid_config", "is_fatal": False, "status_code": 400})
        await listen(talking)

    provider.talk(PATH, complain)
    utterance = await engine.open("en")
    await utterance.push(recording.samples.tobytes()[:SECOND])
    assert (await utterance.finish()).text == "he might"


@pytest.mark.parametrize("cut", [True, False])
async def test_a_connection_that_ends_early_is_an_error(engine: Engine, provider: Provider, cut: bool) -> None:
    """With or without a goodbye: words may be missing."""

    async def leave(talking: Talking) -> None:
        await talking.receive()
        if cut:
            talking.vanish()

    provider.talk(PATH, leave)
    utterance = await engine.open("en")
    await utterance.push(b"\x00\x10" * 16_000)
    with pytest.raises(EngineError) as failed:
        await utterance.finish()
    assert failed.value.retriable


async def test_a_provider_that_never_ends_is_left(provider: Provider) -> None:
    """After the time to finish, and the connection is closed."""

    async def deaf(talking: Talking) -> None:
        while await talking.receive() is not None:
            pass

    provider.talk(PATH, deaf)
    async with Engine(replace(options(provider), peek_s=0.1, finish_s=0.2)) as engine:
        utterance = await engine.open("en")
        await utterance.push(b"\x00\x10" * 16_000)
        assert (await utterance.peek()).words == ()
        with pytest.raises(EngineTimeoutError):
            await utterance.finish()
    await until(lambda: provider.open_talks == 0)


async def test_unknown_languages_open_nothing(engine: Engine, provider: Provider) -> None:
    """Not even a connection."""
    with pytest.raises(UnsupportedLanguageError):
        await engine.open("fr")
    assert not provider.requests
