"""What people get wrong at the door: each is answered clearly, costs nothing else, and can be put right."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from parley.system import System
from tests.journeys.overheard import find
from tests.journeys.whole_system import whole_system
from tests.support.caller import Message, as_sent, call, dial
from tests.support.recordings import Recording

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]

VIDEO_ONLY = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system() -> AsyncIterator[System]:
    """Give one system; each test has a room of its own."""
    async with whole_system() as system:
        yield system


def about(message: Message) -> tuple[str, str]:
    """Give an error's code, and to what it is the answer."""
    return message["code"], message["in_reply_to"]


async def test_an_unknown_language_is_named_and_another_one_may_be_said(system: System) -> None:
    """Neither joining nor changing takes a language that is none, and the socket stays open for one that is."""
    async with dial(system.url, "tags") as caller:
        await caller.send(type="join", name="Ann", speaking_language="klingon?", listening_language="en")
        refused = await caller.wait_for("error")
        await caller.join(name="Ann", speaks="en", hears="en")
        await caller.send(type="set_languages", listening_language="12345678901")
        await caller.wait_for("error", lambda error: error["in_reply_to"] == "set_languages")
        (ann,) = caller.events("joined")[0]["participants"]

    assert about(refused) == ("unknown_language", "join")
    assert "klingon?" in refused["message"]
    assert [about(error) for error in caller.events("error")[1:]] == [("unknown_language", "set_languages")]
    assert (ann["speaking_language"], ann["listening_language"]) == ("en", "en")
    assert caller.events("participant_updated") == []


async def test_a_language_that_nobody_translates_to_is_heard_as_it_is(
    system: System, recordings: tuple[Recording, ...]
) -> None:
    """The listener gets the original whole, is told why, and reads what was said."""
    said = await asyncio.to_thread(as_sent, recordings[1].samples)
    async with (
        call(system.url, "abroad", name="Ann", speaks="en", hears="en") as ann,
        call(system.url, "abroad", name="Jun", speaks="ja", hears="ja") as jun,
    ):
        notice = await jun.wait_for("notice")
        await asyncio.sleep(0.3)
        ann.microphone.play(said)
        await asyncio.sleep(recordings[1].duration_s)
        caption = await jun.wait_for("caption", lambda caption: caption["is_final"] and caption["text"])
        await asyncio.sleep(0.5)

    assert (notice["code"], notice["speaker_id"]) == ("no_translation", ann.participant_id)
    assert "original" in notice["text"]
    assert len(jun.events("notice")) == 1
    assert find([sound.payload for sound in said], jun.on("floor")) is not None
    assert jun.on("voice") == []
    assert (caption["language"], caption["text"]) == ("en", caption["source_text"])


async def test_a_malformed_offer_is_refused_and_a_good_one_then_works(
    system: System, recordings: tuple[Recording, ...]
) -> None:
    """Whatever is sent instead of SDP, the socket lives, and the next offer brings the call about."""
    said = await asyncio.to_thread(as_sent, recordings[1].samples[:16_000])
    offers = ["", "nonsense", "v=0\r\n", VIDEO_ONLY, "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 50]
    async with (
        call(system.url, "offers", name="Ann", speaks="en", hears="en") as ann,
        call(system.url, "offers", name="Bob", speaks="en", hears="en", connect=False) as bob,
    ):
        for sdp in offers:
            await bob.send(type="offer", sdp=sdp)
        await bob.connect()
        await asyncio.sleep(0.3)
        ann.microphone.play(said)
        await asyncio.sleep(1.5)

    errors = bob.events("error")
    assert [about(error) for error in errors] == [("bad_offer", "offer")] * len(offers)
    assert all(error["message"] for error in errors)
    assert find([sound.payload for sound in said[15:]], bob.on("floor")) is not None
    assert ann.events("error") == []
