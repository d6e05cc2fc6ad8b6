"""The node's end of all its browsers' connections."""

import asyncio

import pytest

from media_server.peer import PeerState
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from tests.media_server.rtc.browser import Browser, until
from tests.media_server.rtc.offers import chromium


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
