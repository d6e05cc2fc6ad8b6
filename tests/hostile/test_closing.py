"""Leaving a room ends, whatever the stack below does."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from unittest import mock

import pytest
from prometheus_client import REGISTRY

from media_server.participant import Participant
from media_server.peer import PeerState
from media_server.rooms import Rooms
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.peer import RtcPeer
from media_server.rtc.settings import RtcSettings
from pipeline.bus.memory import MemoryBus
from tests.fakes.analysis import ScriptedAnalysis
from tests.media_server.rtc.browser import Browser
from tests.support.until import until

CLOSES_WITHIN_S = 5.0


@pytest.fixture
async def rooms() -> AsyncIterator[Rooms]:
    """Give rooms with real connections, and everything as it is set otherwise."""
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        endpoint = await stack.enter_async_context(RtcEndpoint(RtcSettings(host="127.0.0.1")))
        rooms = Rooms(bus=bus, new_peer=endpoint.new_peer, analyser_factory=ScriptedAnalysis())
        yield await stack.enter_async_context(rooms)
        assert endpoint.peers == 0


def join(rooms: Rooms, name: str) -> Participant:
    return rooms.open("hall").join(
        participant_id=name,
        name=name,
        speaking_language="en",
        listening_language="en",
        original="off",
        events=lambda _: None,
    )


async def connect(stack: AsyncExitStack, participant: Participant) -> RtcPeer:
    """Let a browser connect; the connection before, if there is one, is cut off with the answer."""
    browser = await stack.enter_async_context(Browser(slots=2))
    await browser.accept(await participant.answer(await browser.offer()))
    peer = participant._peer
    assert isinstance(peer, RtcPeer)
    await until(lambda: peer.state is PeerState.CONNECTED)
    return peer


async def test_leaving_ends_within_5_s_though_the_stack_hangs(rooms: Rooms) -> None:
    """Two people's connections never close: they are abandoned, and counted, and the port knows them no more."""
    never = asyncio.Event()
    before = abandoned()
    async with AsyncExitStack() as stack:
        people = [join(rooms, "ann"), join(rooms, "ben")]
        peers = [await connect(stack, participant) for participant in people]
        with mock.patch("aiortc.RTCPeerConnection.close", side_effect=never.wait):
            began = time.monotonic()
            await asyncio.gather(*(participant.leave() for participant in people))
            assert time.monotonic() - began < CLOSES_WITHIN_S
        assert len(rooms) == 0
        assert len(peers[0]._port.demux) == 0
        # What hung is let go, as it never is in earnest.
        never.set()
        await asyncio.gather(*(peer._stack.close() for peer in peers if peer._stack is not None))
    assert abandoned() - before == 2


def abandoned() -> float:
    return REGISTRY.get_sample_value("parley_rtc_closes_abandoned_total") or 0.0
