"""One engine's process, seen from outside."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

import pytest

from pipeline.engines.child import Child
from pipeline.engines.engine import (
    EngineBusyError,
    EngineCrashedError,
    EngineError,
    EngineTimeoutError,
    EngineUnavailableError,
)
from pipeline.engines.frames import Done, Ping, Translate, Translated
from pipeline.engines.settings import EngineSettings
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.translator import TranslationRequest
from tests.support.until import until

SHOUTER = "tests.fakes.hosted.shouter"
HUMMER = "tests.fakes.hosted.hummer"


@asynccontextmanager
async def started(module: str = SHOUTER, **settings: Any) -> AsyncIterator[Child]:
    child = await Child.start(module, EngineSettings(**settings))
    try:
        yield child
    finally:
        await child.close()


async def shout(child: Child, text: str) -> str:
    request = TranslationRequest(text=text, source="en", target="es")
    answer = await child.ask(Translate(id=child.next_id(), request=request))
    assert isinstance(answer, Translated)
    return answer.text


def hum(text: str) -> SynthesisRequest:
    return SynthesisRequest(text=text, language="es", voice_seed="anna")


async def test_an_engine_is_told_to_download_nothing() -> None:
    """Libraries that would fetch a model in the middle of a call heed this."""
    async with started() as child:
        assert await shout(child, "offline") == "1"


async def test_it_runs_apart_and_below() -> None:
    """Another process, in a session of its own (Ctrl-C does not reach it), nicer than this one."""
    async with started(niceness=7) as child:
        assert int(await shout(child, "who")) == child.process_id != os.getpid()
        assert int(await shout(child, "session")) == child.process_id
        assert int(await shout(child, "nice")) == os.nice(0) + 7


async def test_it_ends_when_it_is_closed() -> None:
    """Closing waits for the process, and twice is harmless."""
    async with started() as child:
        await child.close()
        with pytest.raises(ProcessLookupError):
            os.kill(child.process_id, 0)
        with pytest.raises(EngineCrashedError):
            await shout(child, "hello")


async def test_a_crash_fails_all_that_is_in_work(log_lines: list[Any]) -> None:
    """Every request learns that a retry may help."""
    async with started() as child:
        waiting = [asyncio.create_task(shout(child, "wait")) for _ in range(3)]
        with pytest.raises(EngineCrashedError):
            await shout(child, "die")
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [EngineCrashedError] * 3
        assert child.ended.is_set()


async def test_an_engines_errors_are_raised_here() -> None:
    """What the engine raises is what the caller gets."""
    async with started() as child:
        with pytest.raises(EngineBusyError, match="all seats are taken"):
            await shout(child, "busy")
        with pytest.raises(EngineError, match="ValueError in the engine"):
            await shout(child, "secret")
        assert await shout(child, "hello") == "HELLO"


async def test_cancelling_reaches_the_engine() -> None:
    """A caller that goes away costs nothing there."""
    async with started() as child:
        waiting = asyncio.create_task(shout(child, "wait"))
        await asyncio.sleep(0)  # it is sent
        await child.ask(Ping(id=child.next_id()))  # and has arrived
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await shout(child, "cancelled") == "1"
        assert child.load == 0


async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    """The caller gets an error it may retry; the engine is told to stop."""
    async with started(answer_limit_s=0.3) as child:
        with pytest.raises(EngineTimeoutError):
            await shout(child, "wait")
    async with started() as child:
        assert await shout(child, "hello") == "HELLO"


async def test_a_process_that_hangs_is_killed() -> None:
    """It answers no ping, so it goes, and what it had in work fails."""
    async with started(hung_after_s=0.4) as child:
        with pytest.raises(EngineCrashedError):
            await shout(child, "hang")


async def test_what_is_unfit_says_why() -> None:
    """Starting fails with the reason and the remedy."""
    with pytest.raises(EngineUnavailableError, match="the model is not there: fetch it"):
        await Child.start("tests.fakes.hosted.unfit", EngineSettings())


async def test_a_process_that_ends_before_it_is_ready_crashed() -> None:
    """Nobody waits for the time limit."""
    with pytest.raises(EngineCrashedError):
        await Child.start("tests.fakes.hosted.stillborn", EngineSettings())


async def test_getting_ready_has_a_limit() -> None:
    """An engine that loads for ever is unavailable, and its process is gone."""
    with pytest.raises(EngineUnavailableError, match="was not ready"):
        await Child.start("tests.fakes.hosted.sleeper", EngineSettings(start_limit_s=2))


async def test_speech_streams_and_can_be_stopped() -> None:
    """Packets come while the engine still speaks; closing the iterator stops it there."""
    async with started(HUMMER, packet_window=20) as child:
        packets = child.packets(hum("60000"))
        assert len(await anext(packets)) >= 1
        await packets.aclose()
        hummed = [len(batch) async for batch in child.packets(hum("so far"))]
        assert sum(hummed) * 20 < 3_000
        assert child.load == 0


async def test_nothing_is_lost_of_a_long_speech() -> None:
    """More packets than the window holds come through whole."""
    async with started(HUMMER, packet_window=20) as child:
        came = sum([len(batch) async for batch in child.packets(hum("4000"))])
        assert 200 <= came <= 203


async def test_what_it_prints_is_logged(log_lines: list[Any]) -> None:
    """Its output is not lost, and not on the terminal."""
    async with started() as child:
        await shout(child, "hello")
        await until(lambda: any(line["event"] == "engine_output" for line in log_lines))
    assert [line["line"] for line in log_lines if line["event"] == "engine_output"] == ["shouter is here"]


async def test_it_can_be_killed_from_outside() -> None:
    """An end that nobody asked for is noticed at once."""
    async with started() as child:
        os.kill(child.process_id, signal.SIGKILL)
        await asyncio.wait_for(child.ended.wait(), 5)


async def test_an_empty_round_trip_is_short() -> None:
    """The way there and back costs well under a millisecond: the best of many, since the machine may be busy."""
    async with started() as child:
        clock = asyncio.get_running_loop().time
        trips = []
        for _ in range(200):
            began = clock()
            assert isinstance(await child.ask(Ping(id=child.next_id())), Done)
            trips.append(clock() - began)
        assert sorted(trips)[20] < 0.001


@pytest.mark.parametrize("steps", range(1, 4))
async def test_closing_can_be_cancelled_just_as_the_process_ends(steps: int) -> None:
    """Whoever cancels it is not left waiting: its task does not go on as if nothing had been."""
    child = await Child.start(SHOUTER, EngineSettings())
    ended = asyncio.Event()
    with mock.patch.object(child._process, "wait", ended.wait):
        closing = asyncio.create_task(child.close())
        await until(lambda: child.ended.is_set())
        ended.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        asked = closing.cancel()
        await asyncio.wait([closing])
        assert closing.cancelled() or not asked
    await child.close()
