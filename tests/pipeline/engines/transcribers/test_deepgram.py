import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from pipeline.engines.engine import (
    EngineBusyError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.options.deepgram import DeepgramOptions
from pipeline.engines.transcribers.deepgram import Engine
from tests.pipeline.engines.equipment.recognition_deepgram import PATH, listen, results
from tests.support.provider import Answer, Provider, Talking
from tests.support.recordings import Recording
from tests.support.until import until

SECOND = 32_000


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        started.talk(PATH, listen)
        yield started


def options(provider: Provider) -> DeepgramOptions:
    return DeepgramOptions(api_key="secret", base_url=provider.url, keyterms=("Parley", "Opus"), peek_s=5.0)


@pytest.fixture
async def engine(provider: Provider) -> AsyncIterator[Engine]:
    async with Engine(options(provider)) as started:
        yield started


def test_without_a_key_it_says_what_to_set() -> None:
    """By the names of the setting and of the variable; nothing is asked."""
    for make in (Engine, Engine.check):
        with pytest.raises(EngineUnavailableError, match="PARLEY_ENGINES__DEEPGRAM__API_KEY"):
            make()


async def test_it_asks_as_documented(engine: Engine, provider: Provider, recording: Recording) -> None:
    """Key, format, language and terms to listen for are in the handshake; sound is binary, in short pieces."""
    utterance = await engine.open("pt-BR", hints=("Dashwood", "Opus"))
    await utterance.push(recording.samples.tobytes())
    await utterance.finish()
    talk = provider.talks[0]
    assert talk.request.headers["Authorization"] == "Token secret"
    asked = talk.request.query
    assert {name: asked[name] for name in ("encoding", "sample_rate", "interim_results", "language", "model")} == {
        "encoding": "linear16",
        "sample_rate": "16000",
        "interim_results": "true",
        "language": "pt-BR",
        "model": "nova-3",
    }
    assert asked.getall("keyterm") == ["Parley", "Opus", "Dashwood"]  # type: ignore[attr-defined]
    sound = [said for said in talk.received if isinstance(said, bytes)]
    assert b"".join(sound) == recording.samples.tobytes()
    assert max(map(len, sound)) <= SECOND // 4


async def test_words_come_while_somebody_speaks(engine: Engine, provider: Provider, recording: Recording) -> None:
    """None of them settled, until a peek has them settled."""
    utterance = await engine.open("en")
    await utterance.push(recording.samples.tobytes()[: 2 * SECOND])
    await until(lambda: bool(provider.talks) and len(provider.talks[0].received) == 8)
    await asyncio.sleep(0.02)
    interim = await utterance.push(b"")
    assert (interim.text, interim.stable) == ("he might even word3", 0)
    peeked = await utterance.peek()
    assert (peeked.text, peeked.stable) == ("he might even word3", 4)
    assert provider.talks[0].received[-1] == {"type": "Finalize"}
    assert await utterance.finish() == peeked


async def test_a_peek_without_new_sound_asks_nothing(engine: Engine, provider: Provider, recording: Recording) -> None:
    """All of it is settled already."""
    utterance = await engine.open("en")
    await utterance.push(recording.samples.tobytes()[:SECOND])
    assert await utterance.peek() == await utterance.peek()
    assert provider.talks[0].received.count({"type": "Finalize"}) == 1
    await utterance.abort()


async def test_auto_reports_the_language_of_most_words(engine: Engine, provider: Provider) -> None:
    """`multi` marks each word with its language."""

    async def mixed(talking: Talking) -> None:
        await talking.receive()
        languages = ("es", "en", "es")
        heard = [
            {"word": "w", "start": n / 10, "end": n / 10 + 0.1, "language": each} for n, each in enumerate(languages)
        ]
        said = results(bytes(SECOND), 0.0, is_final=True)
        said["channel"]["alternatives"][0]["words"] = heard
        await talking.tell(said)
        await talking.receive()
        await talking.tell({"type": "Metadata"})

    provider.talk(PATH, mixed)
    utterance = await engine.open("auto")
    await utterance.push(bytes(SECOND // 4))
    assert (await utterance.finish()).language == "es"
    assert provider.talks[0].request.query["language"] == "multi"


async def test_the_line_is_held_while_nobody_speaks(engine: Engine, provider: Provider) -> None:
    """Ten seconds without a message would end the connection."""
    utterance = await engine.open("en")
    utterance._patience = type(utterance._patience)(keep_alive_s=0.02)
    await until(lambda: bool(provider.talks) and {"type": "KeepAlive"} in provider.talks[0].received)
    await utterance.abort()


async def test_a_late_peek_gives_what_is_there(provider: Provider) -> None:
    """A speculation is not worth waiting for."""

    async def deaf(talking: Talking) -> None:
        while await talking.receive() is not None:
            pass

    provider.talk(PATH, deaf)
    async with Engine(replace(options(provider), peek_s=0.2, finish_s=0.3)) as engine:
        utterance = await engine.open("en")
        await utterance.push(bytes(SECOND))
        assert (await utterance.peek()).words == ()
        with pytest.raises(EngineTimeoutError):
            await utterance.finish()
    await until(lambda: provider.open_talks == 0)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=401, json={"err_code": "INVALID_AUTH"}), EngineRefusedError),
        (Answer(status=402, json={"err_code": "ASR_PAYMENT_REQUIRED"}), EngineRefusedError),
        (Answer(status=429, headers={"Retry-After": "4"}), EngineBusyError),
        (Answer(status=500), EngineError),
        (Answer(fault="garbage"), EngineError),
        (Answer(body=b"??", fault="half closed"), EngineError),
        (Answer(fault="silent"), EngineTimeoutError),
    ],
    ids=["401", "402", "429", "500", "garbage", "half closed", "silent"],
)
async def test_a_failed_handshake_is_told_by_the_next_call(
    provider: Provider, answer: Answer, kind: type[EngineError]
) -> None:
    """And by all after it."""
    provider.on("GET", PATH, answer)
    connect_s = 0.1 if kind is EngineTimeoutError else 5.0
    async with Engine(replace(options(provider), connect_s=connect_s)) as engine:
        utterance = await engine.open("en")
        await utterance.push(bytes(SECOND))
        for call in (utterance.peek, utterance.finish):
            with pytest.raises(EngineError) as failed:
                await call()
            assert type(failed.value) is kind
    assert "secret" not in str(failed.value)
    if isinstance(failed.value, EngineBusyError):
        assert failed.value.retry_after_s == 4


async def say_nonsense(talking: Talking) -> None:
    await talking.receive()
    await talking.say("{")
    await talking.receive()


async def say_something_else(talking: Talking) -> None:
    await talking.receive()
    await talking.tell({"type": "Results", "channel": "secret"})
    await talking.receive()


async def report_an_error(talking: Talking) -> None:
    await talking.receive()
    await talking.tell({"type": "Error", "variant": "DATA-0000", "description": "secret"})
    await talking.receive()


async def give_up(talking: Talking) -> None:
    await talking.receive()
    await talking.close(1011, "NET-0000 secret")


async def leave(talking: Talking) -> None:
    await talking.receive()


async def vanish(talking: Talking) -> None:
    await talking.receive()
    talking.vanish()


@pytest.mark.parametrize("script", [say_nonsense, say_something_else, report_an_error, give_up, leave, vanish])
async def test_a_conversation_that_fails_may_be_tried_again(engine: Engine, provider: Provider, script: object) -> None:
    """Whatever came is not quoted, and the next utterance is heard."""
    provider.talk(PATH, script)  # type: ignore[arg-type]
    utterance = await engine.open("en")
    await utterance.push(bytes(SECOND))
    with pytest.raises(EngineError) as failed:
        await utterance.finish()
    assert failed.value.retriable
    assert "secret" not in str(failed.value)
    provider.talk(PATH, listen)
    again = await engine.open("en")
    await again.push(bytes(SECOND))
    assert (await again.finish()).words == ()


async def test_messages_that_nobody_asked_for_are_ignored(engine: Engine, provider: Provider) -> None:
    """The protocol may grow."""

    async def chatty(talking: Talking) -> None:
        await talking.tell({"type": "SpeechStarted", "timestamp": 0.1})
        await talking.tell({"new": 1})
        await listen(talking)

    provider.talk(PATH, chatty)
    utterance = await engine.open("en")
    await utterance.push(bytes(SECOND))
    assert (await utterance.finish()).words == ()


async def test_what_is_abandoned_closes_its_connection(engine: Engine, provider: Provider) -> None:
    """By abort, by cancelling the last call, and with the engine."""
    aborted, cancelled, left = [await engine.open("en") for _ in range(3)]
    await until(lambda: provider.open_talks == 3)
    await aborted.abort()
    await until(lambda: provider.open_talks == 2)

    async def deaf(talking: Talking) -> None:
        await asyncio.sleep(20)

    await cancelled.push(bytes(SECOND))
    provider.talk(PATH, deaf)
    finishing = asyncio.create_task(cancelled.finish())
    await asyncio.sleep(0)
    finishing.cancel()
    await asyncio.wait([finishing])
    await until(lambda: provider.open_talks == 1)
    await engine.__aexit__(None, None, None)
    await until(lambda: provider.open_talks == 0)
    with pytest.raises(EngineError):
        await left.push(bytes(2))


async def test_an_endless_utterance_is_refused(engine: Engine) -> None:
    """What waits for a connection is bounded."""
    utterance = await engine.open("en")
    with pytest.raises(RequestTooLargeError):
        await utterance.push(bytes(121 * SECOND))
    await utterance.abort()


async def test_unknown_languages_open_nothing(engine: Engine, provider: Provider) -> None:
    """Not even a connection."""
    with pytest.raises(UnsupportedLanguageError):
        await engine.open("tlh")
    assert not provider.requests
