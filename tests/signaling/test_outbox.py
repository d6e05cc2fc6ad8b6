"""What waits for a client, and what goes when there is too much of it."""

import asyncio
from collections.abc import Callable

import pytest

from signaling.outbox import Outbox
from tests.support.until import until


class Wire:
    """Takes messages, when it is let."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.free = asyncio.Event()
        self.free.set()

    async def send(self, message: bytes) -> None:
        await self.free.wait()
        self.sent.append(message)


async def sent(outbox: Outbox, wire: Wire, done: Callable[[], bool]) -> list[bytes]:
    """Let the outbox send until `done`."""
    task = asyncio.create_task(outbox.send_all(wire.send))
    await until(done)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return wire.sent


@pytest.fixture
def overflows() -> list[int]:
    return []


@pytest.fixture
def outbox(overflows: list[int]) -> Outbox:
    return Outbox(3, lambda: overflows.append(1))


async def test_messages_keep_their_order(outbox: Outbox) -> None:
    """What was put first is sent first, what is put while sending as well."""
    wire = Wire()
    outbox.put(b"1")
    outbox.put(b"2", droppable=True)
    asyncio.get_running_loop().call_later(0.01, outbox.put, b"3")
    assert await sent(outbox, wire, lambda: len(wire.sent) == 3) == [b"1", b"2", b"3"]


async def test_the_oldest_interim_caption_goes_first(outbox: Outbox, overflows: list[int]) -> None:
    """A full outbox makes room by dropping interim captions, oldest first."""
    wire = Wire()
    for message, droppable in ((b"interim 1", True), (b"event", False), (b"interim 2", True), (b"final", False)):
        outbox.put(message, droppable=droppable)
    assert await sent(outbox, wire, lambda: len(wire.sent) == 3) == [b"event", b"interim 2", b"final"]
    assert overflows == []


async def test_an_interim_caption_pushes_nothing_else_out(outbox: Outbox, overflows: list[int]) -> None:
    """If only others wait, the interim one is not taken."""
    wire = Wire()
    for message in (b"1", b"2", b"3"):
        outbox.put(message)
    outbox.put(b"interim", droppable=True)
    assert await sent(outbox, wire, lambda: len(wire.sent) == 3) == [b"1", b"2", b"3"]
    assert overflows == []


async def test_a_client_that_does_not_read_is_given_up_once(outbox: Outbox, overflows: list[int]) -> None:
    """With nothing left that may go, the client goes, and nothing more is taken."""
    wire = Wire()
    for message in (b"1", b"2", b"3", b"4", b"5"):
        outbox.put(message)
    outbox.put(b"6", droppable=True)
    assert overflows == [1]
    assert await sent(outbox, wire, lambda: len(wire.sent) == 3) == [b"1", b"2", b"3"]
