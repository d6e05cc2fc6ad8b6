"""What anybody may send to the media port without having been let in (holes H1, H2, H3 and H6 of the stack below)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.hostile.intruder import account, send_empty
from tests.hostile.siege import Siege
from tests.hostile.strangers import (
    ALERT,
    flood,
    junk,
    knock_and_flood,
    malformed_stun,
    request,
    signed_nonsense,
)
from tests.support.caller import Caller, call, dial

pytestmark = pytest.mark.blocks_loop("the callers are stock aiortc, whose handshakes are on this loop; the node is not")

PACE = 20_000


async def connect_and_leave(url: str, room: str) -> None:
    """Join, connect with a microphone alone, and leave."""
    async with call(url, room, name="Visitor", speaks="en", hears="en", connect=False) as caller:
        await caller.connect(floors=0, voices=0)


async def connect_many(url: str, room: str, count: int, at_once: int = 5) -> None:
    """Let so many connect; each of them must."""
    for _ in range(count // at_once):
        await asyncio.gather(*(connect_and_leave(url, room) for _ in range(at_once)))


async def test_empty_datagrams_end_no_call_and_no_handshake(siege: Siege) -> None:
    """10,000 of them, of strangers and of a caller, while others connect: all do, and the caller's own call stays."""
    async with (
        siege.watch() as watched,
        call(siege.url, "empty", name="Eve", speaks="en", hears="en", connect=False) as eve,
    ):
        await eve.connect(floors=0, voices=0)
        flooding = asyncio.create_task(asyncio.to_thread(flood, siege.address, [b""] * 9_500, 6_000))
        send_empty(eve, siege.address, 500)
        await connect_many(siege.url, "empty", 5)
        await flooding
        assert eve.peer.connectionState == "connected"
        assert eve.events("notice") == []
    assert watched.counted("parley_rtc_datagrams_dropped_total", reason="empty") == 10_000
    watched.assert_unharmed()


async def test_forged_alerts_end_no_handshake(siege: Siege) -> None:
    """1,000 and more fatal DTLS alerts of strangers, all the while 20 browsers shake hands: all of them connect."""
    over = asyncio.Event()

    async def forge() -> int:
        sent = 0
        while not over.is_set() or sent < 1_000:
            sent += await asyncio.to_thread(flood, siege.address, [ALERT] * 100, 2_000)
        return sent

    async with siege.watch() as watched:
        forging = asyncio.create_task(forge())
        try:
            await connect_many(siege.url, "alerts", 20)
        finally:
            over.set()
            sent = await forging
    assert sent >= 1_000
    assert watched.counted("parley_rtc_datagrams_dropped_total", reason="stranger") >= 1_000
    watched.assert_unharmed()


@pytest.mark.parametrize("count", [20_000, pytest.param(100_000, marks=pytest.mark.soak)])
async def test_junk_before_a_connection_stands_is_not_kept(siege: Siege, count: int) -> None:
    """Of strangers, and of who was answered and has only knocked: the node's memory stays, and others are served."""
    async with half_open(siege.url, "junk") as (eve, knock), siege.watch() as watched:
        await asyncio.to_thread(flood, siege.address, junk(count // 2), PACE)
        await asyncio.to_thread(knock_and_flood, siege.address, knock, junk(count // 2), PACE)
        await connect_and_leave(siege.url, "junk")
        assert eve.events("answer")
    assert watched.counted("parley_rtc_datagrams_dropped_total", reason="stranger") >= count // 2
    assert watched.counted("parley_rtc_dtls_dropped_total") > count // 10
    assert watched.grown_mb < 8, watched
    watched.assert_unharmed()


@pytest.mark.parametrize("count", [10_000, pytest.param(100_000, marks=pytest.mark.soak)])
async def test_malformed_stun_costs_a_datagram_each(siege: Siege, count: int) -> None:
    """Of strangers, or rightly signed by who may sign: no traceback for each, no harm to who sends it or to others."""
    before = siege.logged().count("\n")
    async with half_open(siege.url, "stun") as (eve, _), siege.watch() as watched:
        await asyncio.to_thread(flood, siege.address, malformed_stun(count), PACE)
        own = account(eve.events("answer")[0]["sdp"])
        await asyncio.to_thread(flood, siege.address, signed_nonsense(own.fragment, own.password, 500), PACE)
        await connect_and_leave(siege.url, "stun")
    assert siege.logged().count("\n") - before < 60, siege.logged()[-3000:]
    watched.assert_unharmed()


@contextlib.asynccontextmanager
async def half_open(url: str, room: str) -> AsyncIterator[tuple[Caller, bytes]]:
    """Have an offer answered and let no browser connect; gives the caller, and a request the node must believe."""
    async with dial(url, room) as caller:
        await caller.join(name="Eve", speaks="en", hears="en")
        caller.peer.addTransceiver("audio", "sendonly")
        await caller.peer.setLocalDescription(await caller.peer.createOffer())
        await caller.send(type="offer", sdp=caller.peer.localDescription.sdp)
        own = account((await caller.wait_for("answer"))["sdp"])
        yield caller, bytes(request(f"{own.fragment}:eve", own.password))
