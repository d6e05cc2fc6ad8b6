"""A call over WebRTC, against a whole system whose engines follow a script."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.client import WebRtcCall
from parley.client.call import Call
from parley.client.errors import ClientError, TokenError
from parley.client.events import Answer
from parley.client.heard import Heard
from parley.client.messages import Join
from parley.client.webrtc_call import WebRtcSettings
from parley.system import System
from tests.fakes.audible import TEXT, Audible
from tests.fakes.switchboard import TICKET
from tests.journeys.whole_system import whole_system
from tests.support.caller import loopback
from tests.support.recordings import Recording

pytestmark = pytest.mark.journey

SETTLE_S = 0.3


@pytest.fixture
async def system() -> AsyncIterator[System]:
    """One on loopback, and clients that use loopback too."""
    async with whole_system(Audible()) as made:
        with loopback():
            yield made


def call(system: System, name: str, speaks: str, hears: str) -> WebRtcCall:
    who = Join(name=name, speaking_language=speaks, listening_language=hears)
    # aiortc starts a thread for each slot, which holds the loop.
    return WebRtcCall(system.url, "hall", who, settings=WebRtcSettings(floor_slots=1, voice_slots=1))


async def first_heard(listener: Call, kind: str) -> Heard:
    async with asyncio.timeout(10):
        async for heard in listener.voices():
            if heard.kind == kind:
                return heard
    raise AssertionError("the call ended")


async def test_what_one_says_the_others_hear_and_read(system: System, recording: Recording) -> None:
    """In their own language: by a voice, or as it was said."""
    async with (
        call(system, "Ann", "en", "en") as ann,
        call(system, "Bob", "es", "es") as bob,
        call(system, "Cat", "en", "en") as cat,
    ):
        await asyncio.sleep(SETTLE_S)
        said = await ann.say(recording.samples[:32_000].tobytes())
        assert said.ended - said.began == pytest.approx(2.0, abs=0.3)
        floor, voice = await first_heard(cat, "floor"), await first_heard(bob, "voice")
        assert (floor.speaker_id, voice.speaker_id, voice.language) == (ann.participant_id, ann.participant_id, "es")
        assert voice.sample_rate == 48_000
        assert voice.duration_s == 0.02
        async with asyncio.timeout(10):
            async for caption in bob.captions():
                assert caption.source_text == TEXT
                break
        assert {each.name for each in bob.participants.values()} == {"Ann", "Bob", "Cat"}


async def test_a_connection_that_breaks_is_made_anew(system: System, recording: Recording) -> None:
    """As the same participant, who is heard again."""
    async with call(system, "Ann", "en", "en") as ann, call(system, "Cat", "en", "en") as cat:
        await asyncio.sleep(SETTLE_S)
        before, peer = ann.participant_id, ann._peer
        assert peer is not None
        await peer.close()
        assert await two_answers(ann)
        assert ann.participant_id == before
        assert ann._peer is not peer
        saying = asyncio.create_task(ann.say(recording.samples[:16_000].tobytes()))
        assert (await first_heard(cat, "floor")).speaker_id == before
        await saying


async def two_answers(of: Call) -> bool:
    answers = 0
    async with asyncio.timeout(10):
        async for event in of.events():
            answers += isinstance(event, Answer)
            if answers == 2:
                return True
    return False


async def test_a_socket_that_breaks_costs_no_sound(system: System, recording: Recording) -> None:
    """The connection for sound stays, and the participant is the same."""
    async with call(system, "Ann", "en", "en") as ann, call(system, "Cat", "en", "en") as cat:
        await asyncio.sleep(SETTLE_S)
        before, peer = ann.participant_id, ann._peer
        assert ann.signaling._socket is not None
        ann.signaling._socket._socket._response.connection.transport.abort()  # type: ignore[union-attr]
        await asyncio.sleep(0.1)
        await ann.mute(False)
        assert (ann.participant_id, ann._peer) == (before, peer)
        saying = asyncio.create_task(ann.say(recording.samples[:16_000].tobytes()))
        assert (await first_heard(cat, "floor")).speaker_id == before
        await saying


async def test_who_is_not_let_in_raises(system: System) -> None:
    """And leaves nothing behind."""
    with pytest.raises(TokenError):
        async with WebRtcCall(system.url, "hall", Join(name="Ann"), token=TICKET):
            pass


async def test_a_call_that_is_over_says_nothing_more(system: System) -> None:
    """Whoever talks on is told."""
    async with call(system, "Ann", "en", "en") as ann:
        pass
    with pytest.raises(ClientError):
        await ann.say(bytes(3_200))
