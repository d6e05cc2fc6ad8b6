"""An engine's process from the inside."""

import asyncio
import json
import socket
import sys

import msgspec
import pytest
import structlog

from pipeline.engines.channel import Channel
from pipeline.engines.frames import Answered, Begin, Failed, Frame, Ready
from pipeline.engines.hosting import host, log_to_stderr
from tests.fakes.hosted.tuned import TunedOptions


async def first_frame(module: str, options: bytes = b"") -> Frame | None:
    ours, theirs = socket.socketpair()
    hosting = asyncio.create_task(host(theirs, module, bit_rate=32_000))
    channel: Channel[Answered] = await Channel.over(ours, Answered)
    try:
        channel.send(Begin(options=options))
        return await asyncio.wait_for(anext(channel), 5)
    finally:
        await channel.close()
        await asyncio.wait_for(hosting, 5)


async def test_an_engine_that_is_ready_tells_what_it_can() -> None:
    """The first frame has the languages or pairs; the host ends with its socket."""
    ready = await first_frame("tests.fakes.hosted.shouter")
    assert ready == Ready(pairs=frozenset({("en", "es"), ("en", "fr")}))


async def test_an_engine_gets_what_is_set_about_it() -> None:
    """In the first frame to it, so that no key is ever on a command line."""
    ready = await first_frame(
        "tests.fakes.hosted.tuned", msgspec.msgpack.encode(TunedOptions(source="de", api_key="k"))
    )
    assert ready == Ready(pairs=frozenset({("de", "es")}))


async def test_an_engine_that_cannot_work_says_why() -> None:
    """The first frame has the reason and the remedy."""
    failed = await first_frame("tests.fakes.hosted.unfit")
    assert failed == Failed(error="EngineUnavailableError", arguments=("the model is not there", "fetch it"))


async def test_a_missing_package_is_a_reason() -> None:
    """An engine file that cannot be imported says what is missing."""
    failed = await first_frame("tests.fakes.hosted.nowhere")
    assert isinstance(failed, Failed)
    assert failed.error == "EngineUnavailableError"
    assert "tests.fakes.hosted.nowhere" in failed.arguments[0]


def test_events_become_json_lines_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parent gets one line for an event."""
    before = structlog.get_config()
    try:
        log_to_stderr()
        structlog.get_logger("x").warning("something_happened", count=2)
    finally:
        structlog.configure(**before)
    line = capsys.readouterr().err if sys.stderr else ""
    assert json.loads(line) == {"event": "something_happened", "count": 2, "level": "warning"}
