"""Answering, in an engine's process, what is asked."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pipeline.engines import frames
from pipeline.engines.channel import Channel
from pipeline.engines.frames import Answered, Asked, Frame
from pipeline.engines.serving import Serving
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.translator import TranslationRequest
from tests.fakes.hosted import counter, hummer, shouter
from tests.support.until import until


class Asker:
    """The other side of a Serving."""

    def __init__(self, channel: Channel[Answered]) -> None:
        self.channel = channel

    async def ask(self, frame: Frame) -> Answered:
        self.channel.send(frame)
        return await self.answer()

    async def answer(self) -> Answered:
        return await asyncio.wait_for(anext(self.channel), 5)


@asynccontextmanager
async def served(engine: Any) -> AsyncIterator[Asker]:
    ours, theirs = socket.socketpair()
    channel: Channel[Answered] = await Channel.over(ours, Answered)
    inside: Channel[Asked] = await Channel.over(theirs, Asked)
    serving = asyncio.create_task(Serving(engine, inside, bit_rate=32_000).run())
    try:
        yield Asker(channel)
    finally:
        await channel.close()
        await asyncio.wait_for(serving, 5)
        await inside.close()


def translate(id_: int, text: str) -> frames.Translate:
    return frames.Translate(id=id_, request=TranslationRequest(text=text, source="en", target="es"))


def speak(text: str, window: int = 100) -> frames.Speak:
    return frames.Speak(id=1, request=SynthesisRequest(text=text, language="es", voice_seed="anna"), window=window)


async def test_a_slow_request_does_not_hold_up_another() -> None:
    """Answers come when they are ready, under their ids."""
    async with served(shouter.Engine()) as asker:
        asker.channel.send(translate(1, "wait"))
        assert await asker.ask(translate(2, "hello")) == frames.Translated(id=2, text="HELLO")


async def test_a_cancelled_request_ends_in_the_engine() -> None:
    """Nothing is answered, and the engine is told."""
    engine = shouter.Engine()
    async with served(engine) as asker:
        asker.channel.send(translate(1, "wait"))
        asker.channel.send(frames.Ping(id=2))
        await asker.answer()
        asker.channel.send(frames.Cancel(id=1))
        await until(lambda: engine.cancelled == 1)


async def test_an_engines_fault_costs_its_request_and_tells_no_secret(log_lines: list[Any]) -> None:
    """An unexpected exception is answered by its type alone; the process serves on."""
    async with served(shouter.Engine()) as asker:
        failed = await asker.ask(translate(1, "secret"))
        assert failed == frames.Failed(id=1, error="EngineError", arguments=("ValueError in the engine",))
        assert await asker.ask(translate(2, "hello")) == frames.Translated(id=2, text="HELLO")
    assert [line["event"] for line in log_lines] == ["engine_failed"]
    assert "secret" not in str(log_lines)


async def test_an_engines_own_errors_are_answered_whole() -> None:
    """A busy engine is told apart from a broken one."""
    async with served(shouter.Engine()) as asker:
        failed = await asker.ask(translate(1, "busy"))
        assert failed == frames.Failed(id=1, error="EngineBusyError", arguments=("all seats are taken", "0.0"))


async def test_an_utterance_is_heard_to_its_end() -> None:
    """Open, push, peek and finish each answer; afterwards the utterance is over."""
    async with served(counter.Engine()) as asker:
        assert await asker.ask(frames.Open(id=1, language="en", speaker="anna")) == frames.Done(id=1)
        heard = await asker.ask(frames.Push(id=2, utterance=1, pcm=bytes(320)))
        assert isinstance(heard, frames.Heard)
        assert [word.text for word in heard.hypothesis.words][:2] == ["320", "anna"]
        assert await asker.ask(frames.Peek(id=3, utterance=1)) == frames.Heard(id=3, hypothesis=heard.hypothesis)
        assert await asker.ask(frames.Finish(id=4, utterance=1)) == frames.Heard(id=4, hypothesis=heard.hypothesis)
        assert isinstance(await asker.ask(frames.Push(id=5, utterance=1, pcm=b"")), frames.Failed)
        assert await asker.ask(frames.Abort(id=6, utterance=1)) == frames.Done(id=6), "harmless"


async def test_utterances_that_are_open_at_the_end_are_aborted() -> None:
    """Nothing stays open in the engine when nobody is left to ask."""
    engine = counter.Engine()
    async with served(engine) as asker:
        await asker.ask(frames.Open(id=1, language="en", speaker=""))
        assert engine.open_now == 1
    assert engine.open_now == 0


async def test_speech_stops_at_the_window_and_goes_on_when_packets_were_taken() -> None:
    """An engine is not far ahead of whoever listens."""
    engine = hummer.Engine()
    async with served(engine) as asker:
        answer = await asker.ask(speak("3000", window=20))
        came = 0
        while came < 20:
            assert isinstance(answer, frames.Packets)
            came += len(answer.packets)
            answer = await asker.answer() if came < 20 else answer
        assert await asker.ask(frames.Ping(id=2)) == frames.Done(id=2), "no more packets"
        assert engine.hummed_ms < 1_000
        while not isinstance(answer, frames.Done):
            asker.channel.send(frames.More(id=1, packets=5))
            answer = await asker.answer()
            came += len(answer.packets) if isinstance(answer, frames.Packets) else 0
    assert came >= 150


async def test_a_pair_is_warmed() -> None:
    """The engine is told which pair will be wanted."""
    engine = shouter.Engine()
    async with served(engine) as asker:
        assert await asker.ask(frames.Warm(id=1, source="en", target="es")) == frames.Done(id=1)
    assert engine.warmed == {"en>es"}


async def test_an_engine_that_does_not_speak_says_so() -> None:
    """A request for the wrong stage fails, and nothing else."""
    async with served(shouter.Engine()) as asker:
        assert isinstance(await asker.ask(speak("100")), frames.Failed)


@pytest.mark.parametrize("engine", [shouter.Engine(), counter.Engine(), hummer.Engine()])
async def test_a_ping_is_answered_by_every_engine(engine: Any) -> None:
    """Whoever turns, answers."""
    async with served(engine) as asker:
        assert await asker.ask(frames.Ping(id=9)) == frames.Done(id=9)
