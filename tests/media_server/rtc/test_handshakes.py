"""Turns for DTLS handshakes."""

import asyncio

import pytest

from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.handshakes import Handshakes
from media_server.rtc.settings import RtcSettings
from tests.media_server.rtc.browser import Browser, until


async def waiting(handshakes: Handshakes, who: str) -> "asyncio.Task[None]":
    """Ask for a turn, and let that be noticed."""
    task = asyncio.ensure_future(handshakes.begin(who))
    await asyncio.sleep(0)
    return task


async def test_so_many_have_their_turn_at_once() -> None:
    """The next one waits until one of them ends, and those behind it for the others."""
    handshakes = Handshakes(2, turn=60)
    tasks = {who: await waiting(handshakes, who) for who in "abcd"}
    assert [who for who, task in tasks.items() if task.done()] == ["a", "b"]
    handshakes.end("b")
    handshakes.end("b")
    await asyncio.sleep(0)
    assert [who for who, task in tasks.items() if task.done()] == ["a", "b", "c"]
    for who in "acd":
        handshakes.end(who)
    await asyncio.wait_for(tasks["d"], 1)


async def test_who_takes_too_long_loses_the_turn() -> None:
    """Somebody who never finishes keeps nobody out for longer than that."""
    handshakes = Handshakes(1, turn=0.05)
    await handshakes.begin("stalled")
    await asyncio.wait_for(handshakes.begin("next"), 2)
    handshakes.end("next")


@pytest.mark.parametrize("cancelled", [False, True])
async def test_who_gives_up_waiting_is_passed_over(cancelled: bool) -> None:
    """Its turn is the next one's."""
    handshakes = Handshakes(1, turn=60)
    await handshakes.begin("first")
    gone, patient = await waiting(handshakes, "gone"), await waiting(handshakes, "patient")
    if cancelled:
        gone.cancel()
        await asyncio.wait([gone])
    else:
        handshakes.end("gone")
        await gone
    handshakes.end("first")
    await asyncio.wait_for(patient, 1)
    handshakes.end("patient")


class Watched(Handshakes):
    """Notes how many ran at once."""

    most = 0

    def _run(self, who: object) -> None:
        super()._run(who)
        self.most = max(self.most, len(self._running))


@pytest.mark.blocks_loop("the browsers are stock aiortc, whose handshakes are on this loop")
async def test_everybody_connects_though_few_shake_hands_at_once() -> None:
    """Six browsers at the same moment, two handshakes at a time; nothing stays behind."""
    async with RtcEndpoint(RtcSettings(host="127.0.0.1", max_handshakes=2)) as endpoint:
        watched = endpoint.handshakes = Watched(2, turn=60)
        browsers = [Browser(slots=1) for _ in range(6)]
        peers = [endpoint.new_peer() for _ in browsers]
        try:
            await asyncio.gather(*(it.connect(peer) for it, peer in zip(browsers, peers, strict=True)))
            assert watched.most == 2
            assert not watched._running
        finally:
            await asyncio.gather(*(browser.pc.close() for browser in browsers))


async def test_a_connection_that_waits_for_its_turn_can_be_closed() -> None:
    """At once, and without a word in the log."""
    async with RtcEndpoint(RtcSettings(host="127.0.0.1")) as endpoint:
        endpoint.handshakes = Handshakes(1, turn=60)
        await endpoint.handshakes.begin("somebody else")
        peer = endpoint.new_peer()
        async with Browser(slots=1) as browser:
            await browser.accept(await peer.answer(await browser.offer()))
            await until(lambda: endpoint.handshakes._waiting)
            await asyncio.wait_for(peer.close(), 3)
            assert not endpoint.handshakes._waiting
            assert connecting() == 1, "the browser's own"
        await until(lambda: connecting() == 0)
        endpoint.handshakes.end("somebody else")


def connecting() -> int:
    """Count the tasks of aiortc that connect."""
    return sum("RTCPeerConnection.__connect" in repr(task.get_coro()) for task in asyncio.all_tasks())
