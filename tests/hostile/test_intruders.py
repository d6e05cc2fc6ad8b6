"""What somebody with a seat in a room may send over their own connection (holes H4 and H5 of the stack below)."""

import asyncio
import time
from collections.abc import Callable

import pytest

from media_server.rtc import rtcp
from tests.hostile.intruder import PAYLOAD_TYPE, SOUND, malformed_rtp, send_rtcp, send_rtp, ssrc
from tests.hostile.siege import Siege
from tests.support.caller import Caller, Sound, call
from tests.support.rtp_packet import pack
from tests.support.until import until

pytestmark = pytest.mark.blocks_loop("the callers are stock aiortc, whose handshakes are on this loop; the node is not")

SOURCES = 3_000
# Packets a second, at most: sixty times what a browser sends. All that comes goes through one port, and of a flood
# beyond what a node can read the kernel drops what it will, whoever sent it.
PACE = 3_000
CLOSES_WITHIN_S = 5.0


async def microphones(caller: Caller) -> None:
    """Send sound from one source after another, until the connection is over."""
    for source in range(1, SOURCES + 1):
        await send_rtp(caller, pack(PAYLOAD_TYPE, 1, 960, source, SOUND))


async def other_payloads(caller: Caller) -> None:
    """Send what was not negotiated from one source after another."""
    for source in range(1, SOURCES + 1):
        await send_rtp(caller, pack(13, 1, 960, source, SOUND))


async def unreadable(caller: Caller) -> None:
    """Send what is not RTP behind its header from one source after another."""
    for source in range(1, SOURCES + 1):
        await send_rtp(caller, pack(PAYLOAD_TYPE, 1, 960, source, b"", extension=b"\x10\x00\x00\x01\x00\x00\x00\x05"))


async def reports(caller: Caller) -> None:
    """Send reports of one source after another."""
    for source in range(1, SOURCES + 1):
        await send_rtcp(caller, rtcp.receiver_report(source, ()))


@pytest.mark.parametrize("spray", [microphones, other_payloads, unreadable, reports])
async def test_a_spray_of_sources_ends_the_connection(siege: Siege, spray: Callable[[Caller], object]) -> None:
    """3,000 SSRCs, however they are sent: the connection is over within 5 s, nobody else notices, nothing is kept."""
    async with (
        siege.watch() as watched,
        call(siege.url, "spray", name="Eve", speaks="en", hears="en", connect=False) as eve,
    ):
        await eve.connect(floors=0, voices=0)
        began = time.monotonic()
        await spray(eve)  # type: ignore[misc]
        await eve.wait_for("notice", lambda notice: notice["code"] == "media_lost", limit_s=CLOSES_WITHIN_S)
        await until(lambda: eve.peer.connectionState != "connected", CLOSES_WITHIN_S)
        assert time.monotonic() - began < CLOSES_WITHIN_S
    assert watched.counted("parley_rtc_peers_closed_total", reason="too_many_sources") == 1
    assert watched.counted("parley_rtc_closes_abandoned_total") == 0
    assert watched.grown_mb < 5, watched
    watched.assert_unharmed()


@pytest.mark.parametrize("count", [3_000, pytest.param(100_000, marks=pytest.mark.soak)])
async def test_malformed_rtp_costs_a_packet_each(siege: Siege, count: int) -> None:
    """Header extensions, contributing sources and padding that lie: the call goes on, and what is sound is heard."""
    async with (
        siege.watch() as watched,
        call(siege.url, "lies", name="Eve", speaks="en", hears="en", connect=False) as eve,
        call(siege.url, "lies", name="Bob", speaks="en", hears="en") as bob,
    ):
        await eve.connect(floors=0, voices=0)
        # Beside her microphone's own source: their numbers would take those of what she says next (SRTP's replays).
        began = time.monotonic()
        for number, packet in enumerate(malformed_rtp(ssrc(eve) ^ 1, count)):
            await send_rtp(eve, packet)
            if number % 100 == 99:
                # Sending alone never waits: for longer than some seconds without an answer to its pings, the node would
                # rightly take both of this loop's callers for lost.
                await asyncio.sleep(max(0.0, began + number / PACE - time.monotonic()))
        await asyncio.sleep(0.3)
        heard = len(bob.on("floor"))
        # What was readable of it is another source of the same microphone, which gives way when it is silent; and on a
        # busy machine the end of a flood is read later than it was sent.
        eve.microphone.play([Sound(SOUND, level=30)] * 1_000)
        await until(lambda: len(bob.on("floor")) >= heard + 20, 20)
        assert eve.peer.connectionState == "connected"
    assert watched.counted("parley_rtc_rtp_dropped_total", reason="malformed") > count // 10
    watched.assert_unharmed()
