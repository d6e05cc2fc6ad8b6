"""The node's end of all its browsers' connections."""

import asyncio
import gc
import threading
import weakref
from unittest import mock

import pytest
from prometheus_client import REGISTRY

from media_server.peer import PeerState
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from tests.media_server.rtc.browser import Browser, call, until
from tests.media_server.rtc.offers import chromium


def abandoned() -> float:
    """Count the connections whose closing was not waited for."""
    return REGISTRY.get_sample_value("parley_rtc_closes_abandoned_total") or 0.0


async def test_many_calls_share_one_port() -> None:
    """Six browsers, connected at once, each heard on its own."""
    async with RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint:
        peers = [endpoint.new_peer() for _ in range(6)]
        heard: list[list[bytes]] = [[] for _ in peers]
        for peer, mine in zip(peers, heard, strict=True):
            peer.on_packet = lambda packet, mine=mine: mine.append(packet.payload)  # type: ignore[misc]
        browsers = [Browser(slots=2) for _ in peers]
        await asyncio.gather(*(browser.connect(peer) for browser, peer in zip(browsers, peers, strict=True)))
        for index, browser in enumerate(browsers):
            await browser.speak(1, b"\x78" + bytes([index]))
        await until(lambda: all(heard))
        assert heard == [[b"\x78" + bytes([index])] for index in range(6)]
        await asyncio.gather(*(browser.pc.close() for browser in browsers))


async def test_leaving_closes_what_is_left() -> None:
    """Peers that are up, that are coming up, and that never had an offer."""
    async with RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint:
        up, coming, new = endpoint.new_peer(), endpoint.new_peer(), endpoint.new_peer()
        browser = Browser()
        await browser.connect(up)
        await coming.answer(chromium("sendonly", "recvonly"))
        assert endpoint.peers == 3
    assert {peer.state for peer in (up, coming, new)} == {PeerState.CLOSED}
    assert endpoint.peers == 0
    await browser.pc.close()


def test_wrong_settings_are_said_before_anything_is_bound() -> None:
    """A name where an address belongs."""
    with pytest.raises(ValueError, match="example"):
        RtcEndpoint(RtcSettings(announce=("media.example.org",)))


async def test_a_call_that_never_comes_up_is_closed() -> None:
    """After the deadline nothing is left of it."""
    settings = RtcSettings(host="127.0.0.1", connect_deadline=0.05)
    async with RtcEndpoint(settings) as endpoint:
        peer = endpoint.new_peer()
        await peer.answer(chromium("sendonly", "recvonly"))
        await until(lambda: peer.state is PeerState.CLOSED and not endpoint.peers)
        assert len(endpoint.port.demux) == 0


async def test_a_stack_that_hangs_is_abandoned() -> None:
    """Closing returns in its time all the same, and counts it."""
    settings = RtcSettings(host="127.0.0.1", close_deadline=0.05)
    before = abandoned()
    async with RtcEndpoint(settings) as endpoint:
        peer = endpoint.new_peer()
        async with Browser() as browser:
            await browser.connect(peer)
            assert peer._stack is not None
            released = asyncio.Event()
            with mock.patch.object(peer._stack._pc, "close", released.wait):
                await asyncio.wait_for(peer.close(), 1)
            released.set()
            await peer._stack.close()
    assert abandoned() == before + 1


async def test_a_call_leaves_nothing_behind(endpoint: RtcEndpoint) -> None:
    """Three tasks and no thread a call; none of either after it."""
    threads, tasks = threading.active_count(), len(asyncio.all_tasks())
    for _ in range(3):
        peer = endpoint.new_peer()
        async with Browser() as browser:
            await browser.offer()
            async with call(peer) as connected:
                await connected.speak(1, b"\x78")
                # Three of the peer's, three of the browser's.
                await until(lambda: len(asyncio.all_tasks()) <= tasks + 6)
                assert threading.active_count() == threads
    await until(lambda: len(asyncio.all_tasks()) == tasks)
    assert endpoint.peers == 0
    assert len(endpoint.port.demux) == 0


async def test_no_peer_is_kept_alive_after_its_end(endpoint: RtcEndpoint) -> None:
    """Its memory goes with it."""
    peer = endpoint.new_peer()
    async with call(peer):
        pass
    gone = weakref.ref(peer)
    del peer
    await asyncio.sleep(0.1)
    gc.collect()
    assert gone() is None
