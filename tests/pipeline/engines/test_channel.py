"""Frames over a socket."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from pipeline.engines.channel import LONGEST_FRAME, Channel
from pipeline.engines.engine import RequestTooLargeError
from pipeline.engines.frames import Answered, Asked, Ping, Push

Pair = tuple[Channel[Answered], Channel[Asked]]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    ours, theirs = socket.socketpair()
    here: Channel[Answered] = await Channel.over(ours, Answered)
    there: Channel[Asked] = await Channel.over(theirs, Asked)
    yield here, there
    await here.close()
    await there.close()


async def test_frames_arrive_in_order(pair: Pair) -> None:
    """Small and large ones mixed, each whole."""
    here, there = pair
    sent = [Push(id=n, utterance=1, pcm=bytes(n * 50_000)) for n in range(5)]
    for frame in sent:
        here.send(frame)
    closing = asyncio.create_task(here.close())
    assert [frame async for frame in there] == sent
    await closing


async def test_a_slow_reader_is_waited_for(pair: Pair) -> None:
    """`drained` returns only when the other side reads on."""
    here, there = pair
    here.send(Push(id=1, utterance=1, pcm=bytes(4 << 20)))
    waiting = asyncio.create_task(here.drained())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    await anext(there)
    await asyncio.wait_for(waiting, 5)


async def test_too_large_a_frame_is_refused_before_it_is_sent(pair: Pair) -> None:
    """The other side never sees it, and the channel goes on."""
    here, there = pair
    with pytest.raises(RequestTooLargeError):
        here.send(Push(id=1, utterance=1, pcm=bytes(LONGEST_FRAME)))
    here.send(Ping(id=2))
    assert await anext(there) == Ping(id=2)


async def test_the_iteration_ends_when_the_other_side_is_gone(pair: Pair) -> None:
    """Half a frame at the end is no frame."""
    here, there = pair
    here._writer.write(b"\x10\x00\x00\x00half")
    await here.close()
    assert [frame async for frame in there] == []


async def test_a_side_that_does_not_read_cannot_hold_up_the_end(pair: Pair) -> None:
    """Closing is over in bounded time, whatever still waits to be read."""
    here, _ = pair
    here.send(Push(id=1, utterance=1, pcm=bytes(4 << 20)))
    await asyncio.wait_for(here.close(), 5)


async def test_sending_into_nothing_does_nothing(pair: Pair) -> None:
    """Whoever sends learns of the end elsewhere; closing twice is harmless."""
    here, there = pair
    await there.close()
    await there.close()
    assert [frame async for frame in here] == []
    for _ in range(3):
        here.send(Ping())
        await here.drained()
