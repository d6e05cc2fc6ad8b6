"""What is to be said, one thing after the other."""

import asyncio

import pytest

from parley.client.errors import BrokenError
from parley.client.mouth import TAIL, Mouth

PACKETS = [b"one", b"two", b"three"]


async def test_what_is_said_is_taken_in_order_with_silence_behind_it() -> None:
    """Then there is nothing more to take."""
    mouth = Mouth()
    saying = asyncio.create_task(mouth.say(PACKETS))
    await mouth.opened.wait()
    taken = [mouth.take() for _ in range(len(PACKETS) + len(TAIL) + 1)]
    assert taken == [*PACKETS, *TAIL, None]
    assert not mouth.opened.is_set()
    said = await saying
    assert said.began < said.ended


async def test_it_is_said_when_its_last_packet_has_left() -> None:
    """Whoever says it need not wait for the silence behind."""
    mouth = Mouth()
    saying = asyncio.create_task(mouth.say(PACKETS))
    await mouth.opened.wait()
    for _ in PACKETS:
        assert not saying.done()
        mouth.take()
    await saying
    assert mouth.take() == TAIL[0]


async def test_two_things_are_said_one_after_the_other() -> None:
    """The second waits until the first is said, and cuts its silence short."""
    mouth = Mouth()
    saying = [asyncio.create_task(mouth.say([name])) for name in (b"first", b"second")]
    taken = []
    async with asyncio.timeout(1):
        while not all(task.done() for task in saying):
            await mouth.opened.wait()
            taken.append(mouth.take())
            await asyncio.sleep(0)
    assert [packet for packet in taken if packet not in TAIL] == [b"first", b"second"]


async def test_what_is_broken_off_is_not_said() -> None:
    """Cancelling leaves nothing behind."""
    mouth = Mouth()
    saying = asyncio.create_task(mouth.say(PACKETS))
    await mouth.opened.wait()
    mouth.take()
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert mouth.take() is None


async def test_whoever_says_something_is_told_that_the_call_has_ended() -> None:
    """Nobody waits for ever."""
    mouth = Mouth()
    saying = asyncio.create_task(mouth.say(PACKETS))
    await mouth.opened.wait()
    mouth.end(BrokenError(1006))
    with pytest.raises(BrokenError):
        await saying
    with pytest.raises(BrokenError):
        await mouth.say(PACKETS)
