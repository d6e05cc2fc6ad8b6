"""What happens between a dialect and a socket; the engines' tests have the rest."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from pipeline.engines.engine import EngineError, EngineTimeoutError, RequestTooLargeError
from pipeline.engines.http.client import HttpClient
from pipeline.engines.live.dialect import Message
from pipeline.engines.live.utterance import LiveUtterance, Patience
from pipeline.engines.transcriber import Hypothesis, Word
from tests.support.provider import Answer, Provider, Talking
from tests.support.until import until

PATIENCE = Patience(peek_s=5.0, finish_s=5.0, keep_alive_s=0.05)


class Counting:
    """A dialect: the provider counts bytes, and says so when it is asked to flush or to end."""

    path = "count"
    query = (("a", "1"),)

    def __init__(self) -> None:
        self.flushed = True
        self.ended = False
        self.hypothesis = Hypothesis((), "en")

    def sound(self, pcm: bytes) -> Sequence[Message]:
        return (pcm,)

    def flush(self) -> Sequence[Message]:
        self.flushed = False
        return ({"do": "flush"},)

    def end(self) -> Sequence[Message]:
        return ({"do": "end"},)

    def keep_alive(self) -> Sequence[Message]:
        return ({"do": "nothing"},)

    def take(self, message: Mapping[str, Any]) -> None:
        if "count" not in message:
            raise EngineError("no count")
        self.hypothesis = Hypothesis((Word(str(message["count"]), 0, 1),), "en")
        self.flushed = True
        self.ended = bool(message.get("last"))


async def count(talking: Talking) -> None:
    counted = 0
    while (said := await talking.receive()) is not None:
        if isinstance(said, bytes):
            counted += len(said)
        elif said["do"] != "nothing":
            await talking.tell({"count": counted, "last": said["do"] == "end"})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as started:
        started.talk("/count", count)
        yield started


@pytest.fixture
async def client(provider: Provider) -> AsyncIterator[HttpClient]:
    async with HttpClient(provider.url, timeout_s=5) as opened:
        yield opened


@pytest.fixture
async def utterance(client: HttpClient) -> AsyncIterator[LiveUtterance]:
    opened = LiveUtterance(client, Counting(), PATIENCE)
    yield opened
    await opened.abort()


async def test_sound_goes_out_in_whole_samples(utterance: LiveUtterance, provider: Provider) -> None:
    """Half a one waits for its other half; a flush comes behind what was said before it."""
    await utterance.push(b"abc")
    await utterance.push(b"d")
    assert (await utterance.peek()).text == "4"
    assert (await utterance.finish()).text == "4"
    received = [said for said in provider.talks[0].received if said != {"do": "nothing"}]
    assert received == [b"ab", b"cd", {"do": "flush"}, {"do": "end"}]


async def test_sound_waits_for_the_connection(utterance: LiveUtterance, provider: Provider) -> None:
    """Nothing is lost, and nobody waits for it."""
    provider.on("GET", "/count", Answer(delay_s=0.05, status=500))
    await utterance.push(bytes(10))
    with pytest.raises(EngineError):
        await utterance.finish()


async def test_a_line_without_sound_is_held(utterance: LiveUtterance, provider: Provider) -> None:
    """Again and again."""
    await until(lambda: bool(provider.talks) and provider.talks[0].received.count({"do": "nothing"}) >= 2)


async def test_without_sound_nothing_is_asked(utterance: LiveUtterance, provider: Provider) -> None:
    """The words of nothing are known."""
    assert (await utterance.finish()).words == ()
    await until(lambda: provider.open_talks == 0)


async def test_a_late_answer_is_not_waited_for(client: HttpClient, provider: Provider) -> None:
    """A peek gives what is there, the end is an error."""

    async def deaf(talking: Talking) -> None:
        await asyncio.sleep(20)

    provider.talk("/count", deaf)
    utterance = LiveUtterance(client, Counting(), Patience(peek_s=0.05, finish_s=0.1))
    await utterance.push(bytes(2))
    assert (await utterance.peek()).words == ()
    with pytest.raises(EngineTimeoutError):
        await utterance.finish()
    assert utterance.task.done()


async def test_after_its_end_it_is_over(utterance: LiveUtterance) -> None:
    """Only abort is harmless then."""
    await utterance.push(bytes(2))
    await utterance.finish()
    for call in (utterance.push(b""), utterance.peek(), utterance.finish()):
        with pytest.raises(EngineError, match="over"):
            await call
    await utterance.abort()


async def test_an_orderly_goodbye_without_being_asked_is_too_early(client: HttpClient, provider: Provider) -> None:
    """Words may be missing."""

    async def leave(talking: Talking) -> None:
        pass

    provider.talk("/count", leave)
    utterance = LiveUtterance(client, Counting(), PATIENCE)
    await asyncio.wait([utterance.task])
    with pytest.raises(EngineError, match="closed the connection"):
        await utterance.push(bytes(2))


async def test_a_goodbye_instead_of_the_last_word_will_do_if_nothing_is_missing(
    client: HttpClient, provider: Provider
) -> None:
    """Not every server ends as it is written."""

    async def leave(talking: Talking) -> None:
        while (said := await talking.receive()) is not None:
            if said == {"do": "end"}:
                return

    provider.talk("/count", leave)
    utterance = LiveUtterance(client, Counting(), PATIENCE)
    await utterance.push(bytes(2))
    assert (await utterance.finish()).words == ()


async def test_what_the_dialect_does_not_understand_ends_it(client: HttpClient, provider: Provider) -> None:
    """Its error is everybody's."""

    async def mumble(talking: Talking) -> None:
        await talking.tell({})
        await talking.receive()

    provider.talk("/count", mumble)
    utterance = LiveUtterance(client, Counting(), PATIENCE)
    await asyncio.wait([utterance.task])
    for call in (utterance.push(b""), utterance.peek(), utterance.finish()):
        with pytest.raises(EngineError, match="no count"):
            await call


async def test_an_endless_utterance_is_refused(utterance: LiveUtterance) -> None:
    """What waits is bounded."""
    with pytest.raises(RequestTooLargeError):
        await utterance.push(bytes(121 * 32_000))
