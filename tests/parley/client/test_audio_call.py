"""A call by the audio socket, from the client's side."""

import asyncio
import time

import pytest
from aiohttp import WSMsgType, web

from parley.client.audio_call import TAIL_FRAMES, AudioCall
from parley.client.messages import Join
from tests.fakes.switchboard import TICKET, Script, joined, switchboard, tell
from tests.parley.client.test_audio_socket import message


def taking(frames: list[bytes], *sounds: bytes) -> Script:
    """Write down the sound that comes, and send some."""

    async def script(socket: web.WebSocketResponse) -> None:
        await tell(socket, joined())
        for sound in sounds:
            await socket.send_bytes(sound)
        frames.extend([frame.data async for frame in socket if frame.type is WSMsgType.BINARY])

    return script


async def test_sound_is_sent_as_fast_as_it_is_spoken() -> None:
    """In messages of 100 ms, each when its last sample has been spoken."""
    frames: list[bytes] = []
    pcm = bytes(range(250)) * 40
    async with (
        switchboard(taking(frames)) as server,
        AudioCall(server.url, "hall", Join(name="Ann"), token=TICKET) as call,
    ):
        began = time.monotonic()
        said = await call.say(pcm)
        assert said.ended - said.began == pytest.approx(len(pcm) / 32_000, abs=0.15)
        assert said.began == pytest.approx(began, abs=0.05)
    frames = [frame for frame in frames if any(frame)]
    assert [len(frame) for frame in frames] == [3_200, 3_200, 3_200, 400]
    assert b"".join(frames) == pcm


async def test_a_short_end_is_filled_up() -> None:
    """The server takes nothing below 10 ms."""
    frames: list[bytes] = []
    async with (
        switchboard(taking(frames)) as server,
        AudioCall(server.url, "hall", Join(name="Ann"), token=TICKET, sample_rate=8_000) as call,
    ):
        await call.say(b"\1\0\2\0")
    assert frames == [b"\1\0\2\0".ljust(160, b"\0")]


async def test_silence_follows_until_something_else_is_said() -> None:
    """The server hears at once that it is over; it does not wait for what might still come."""
    frames: list[bytes] = []
    async with (
        switchboard(taking(frames)) as server,
        AudioCall(server.url, "hall", Join(name="Ann"), token=TICKET) as call,
    ):
        await call.say(b"\1\0" * 1_600)
        await asyncio.sleep(0.25)
        await call.say(b"\1\0" * 1_600)
        await asyncio.sleep(0.7)
    loud = [any(frame) for frame in frames]
    assert loud[0]
    assert loud.count(True) == 2
    assert 1 <= loud[1:].index(True) <= 3
    assert len(loud) - 1 - loud[1:].index(True) - 1 == TAIL_FRAMES


async def test_voices_are_read_from_the_beginning() -> None:
    """Also by whoever begins to read later; they end with the call."""
    sounds = [message(sequence=number) for number in (1, 2)]
    async with switchboard(taking([], *sounds)) as server:
        async with AudioCall(server.url, "hall", Join(name="Ann"), token=TICKET) as call:
            reading = call.voices()
            assert [(await anext(reading)).sequence for _ in range(2)] == [1, 2]
        with pytest.raises(StopAsyncIteration):
            await anext(reading)


@pytest.mark.parametrize(("pcm", "rate"), [(b"\0", 0), (b"\0\0", 48_000)])
async def test_what_cannot_be_said_is_refused(pcm: bytes, rate: int) -> None:
    """Half a sample, and another rate than the call was opened with."""
    async with (
        switchboard(taking([])) as server,
        AudioCall(server.url, "hall", Join(name="Ann"), token=TICKET) as call,
    ):
        with pytest.raises(ValueError, match=r"two bytes|16000 Hz"):
            await call.say(pcm, rate)
