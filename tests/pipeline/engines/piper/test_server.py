"""Piper's web server as a program of its own: a stand-in for it, since the real one does not fail on demand."""

import asyncio
import os
import shlex
import sys
from pathlib import Path

import pytest

from pipeline.engines.engine import EngineCrashedError, EngineError, EngineTimeoutError, EngineUnavailableError
from pipeline.engines.options.piper import PiperOptions
from pipeline.engines.piper.server import Server, _command, _environment
from pipeline.engines.piper.voices import Voice
from tests.support import piper_stand_in

RATE = 22_050
STAND_IN = shlex.join([sys.executable, "-I", "-S", piper_stand_in.__file__])
VOICE = Voice(Path("/voices/es_ES-tone-medium.onnx"), "es-ES", RATE, 1, 1.0)


def server(*words: str, sentence_limit_s: float = 5.0, start_limit_s: float = 20.0) -> Server:
    options = PiperOptions(
        command=shlex.join([*shlex.split(STAND_IN), *words]),
        sentence_limit_s=sentence_limit_s,
        start_limit_s=start_limit_s,
    )
    return Server([VOICE], options)


async def say(server: Server, text: str, length_scale: float = 1.0) -> bytes:
    return await server.speak(text, VOICE, 0, length_scale)


@pytest.mark.parametrize("words", [(), ("--old",)], ids=["since 1.5", "before"])
async def test_it_speaks(words: tuple[str, ...]) -> None:
    """Every version of its address, again and again; longer if it is told to be slower."""
    async with server(*words) as piper:
        assert piper.alive
        lengths = [len(await say(piper, "0123456789", scale)) / 2 / RATE for scale in (1.0, 1.0, 0.8)]
    assert lengths == pytest.approx([0.5, 0.5, 0.4], abs=0.01)


async def test_a_program_that_dies_is_a_crash() -> None:
    """And then it is no longer alive."""
    async with server() as piper:
        with pytest.raises(EngineCrashedError):
            await say(piper, "die.")
        assert not piper.alive
        with pytest.raises(EngineCrashedError):
            await say(piper, "hola")


async def test_a_program_that_hangs_is_ended() -> None:
    """In bounded time, since it would hang again."""
    async with server(sentence_limit_s=0.3) as piper:
        with pytest.raises(EngineTimeoutError):
            await say(piper, "hang.")
        assert not piper.alive


@pytest.mark.parametrize("text", ["fail", "garbage", "wide"])
async def test_a_sentence_that_fails_costs_only_itself(text: str) -> None:
    """An error of its own, something that is no sound, sound of another rate."""
    async with server() as piper:
        with pytest.raises(EngineError) as caught:
            await say(piper, text)
        assert not isinstance(caught.value, EngineCrashedError)
        assert text not in str(caught.value)
        assert await say(piper, "hola")


async def test_what_it_said_before_it_ended_is_told() -> None:
    """So that one knows what is missing."""
    with pytest.raises(EngineUnavailableError, match="ended at once: no module named flask"):
        await server("--ends", "no module named flask").__aenter__()


async def test_one_that_never_listens_is_given_up() -> None:
    """In bounded time, and no process stays."""
    deaf = server("--deaf", start_limit_s=0.3)
    with pytest.raises(EngineUnavailableError, match=r"within 0.3 s"):
        await deaf.__aenter__()
    assert deaf._process is None


async def test_a_program_that_is_not_there_is_told() -> None:
    """By what the tether says."""
    piper = Server([VOICE], PiperOptions(command="/nowhere/python -m piper.http_server"))
    with pytest.raises(EngineUnavailableError, match="FileNotFoundError"):
        await piper.__aenter__()


async def test_ending_twice_is_harmless() -> None:
    """Also for one that was never started; and its process is gone."""
    await server().close()
    async with server() as piper:
        assert piper._process
        number = piper._process.pid
        await piper.close()
        await piper.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


async def test_a_cancelled_sentence_costs_only_itself() -> None:
    """The next is spoken as ever."""
    async with server("--slow-s", "0.2") as piper:
        cancelled = asyncio.create_task(say(piper, "hola"))
        await asyncio.sleep(0.05)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        assert await say(piper, "hola")


def test_only_this_machine_can_ask_it() -> None:
    """It listens on loopback, at a port that the system chooses; and no text is on its command line."""
    words = _command([VOICE], PiperOptions(cuda=True))
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "0"
    assert words[words.index("--data-dir") + 1] == "/voices"
    assert words[-1] == "--cuda"


def test_its_environment_is_not_ours() -> None:
    """Our packages would not fit its interpreter; and nobody turns on its debugger."""
    ours = {"PATH": "/bin", "PYTHONPATH": "/ours", "FLASK_DEBUG": "1"}
    assert _environment(ours) == {"PATH": "/bin", "PYTHONUNBUFFERED": "1"}
