"""The contract with aiortc's and aioice's insides: which names there are, and how they behave.

When one of these fails after an upgrade, read `media_server/rtc/privates.py` against the new version first of all.
"""

import asyncio
import inspect
import re

import aioice
import aioice.ice
import aiortc
import pylibsrtp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from media_server.rtc import offer, privates
from media_server.rtc.handshakes import Handshakes
from media_server.rtc.port import MediaPort
from media_server.rtc.settings import RtcSettings
from tests.media_server.rtc.browser import Browser, until
from tests.media_server.rtc.offers import chromium

TURNS = Handshakes(20, turn=60)


def test_the_versions_are_those_that_were_read() -> None:
    """A new one may have all the names and mean something else by them."""
    found = (aiortc.__version__, aioice.__version__)
    assert found == (privates.AIORTC, privates.AIOICE), "read privates.py against the new version, then change this pin"


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (aioice.ice, "get_host_addresses", ["use_ipv4", "use_ipv6"]),
        (aioice.ice.StunProtocol, "__init__", ["self", "receiver"]),
        (aioice.ice.StunProtocol, "connection_made", ["self", "transport"]),
        (aioice.ice.StunProtocol, "connection_lost", ["self", "exc"]),
        (aioice.ice.StunProtocol, "datagram_received", ["self", "data", "addr"]),
        (aioice.ice.Connection, "gather_candidates", ["self"]),
        (aioice.ice.Connection, "data_received", ["self", "data", "component"]),
        (aioice.candidate, "candidate_foundation", ["candidate_type", "candidate_transport", "base_address"]),
        (aioice.candidate, "candidate_priority", ["candidate_component", "candidate_type", "local_pref"]),
        (aiortc.RTCIceTransport, "start", ["self", "remoteParameters"]),
        (aiortc.RTCRtpSender, "send", ["self", "parameters"]),
        (aiortc.RTCRtpReceiver, "receive", ["self", "parameters"]),
        (pylibsrtp.Session, "protect", ["self", "packet"]),
        (pylibsrtp.Session, "protect_rtcp", ["self", "packet"]),
        (pylibsrtp.Session, "unprotect", ["self", "packet"]),
        (pylibsrtp.Session, "unprotect_rtcp", ["self", "packet"]),
    ],
)
def test_functions_are_there_and_take_what_they_took(owner: object, name: str, parameters: list[str]) -> None:
    """By their parameters."""
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


async def test_attributes_are_there_and_of_their_kinds() -> None:
    """Those that are read or replaced, on a connection that has an offer."""
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    read = offer.read(chromium("sendonly", "recvonly"), RtcSettings())
    await pc.setRemoteDescription(RTCSessionDescription(read.sdp, "offer"))
    microphone, slot = pc.getTransceivers()
    dtls = microphone.receiver.transport
    connection = dtls.transport._connection
    assert dtls is slot.receiver.transport, "the bundle's m-lines do not share a transport any more"
    assert isinstance(connection, aioice.ice.Connection)
    for name, kind in {
        "_local_username": str,
        "_local_candidates": list,
        "_local_candidates_start": bool,
        "_local_candidates_end": bool,
        "_protocols": list,
        "_nominated": dict,
        "_check_list": list,
    }.items():
        assert isinstance(vars(connection)[name], kind), f"aioice.Connection.{name}"
    source = inspect.getsource(aioice.ice.Connection)
    changes = set(re.findall(r"self\._nominated(\[\S+\] =|\.(?:clear|pop|update|setdefault)|\s=)", source))
    assert changes <= {"[pair.component] =", "[component] =", ".clear"}, "pairs change where nobody says so"
    assert "self.remote_nominated" in inspect.getsource(aioice.ice.CandidatePair.__init__)
    assert connection._queue.qsize() == 0
    for owner, name in ((connection, "_query_consent_task"), (dtls, "_task"), (dtls, "_rx_srtp"), (dtls, "_tx_srtp")):
        assert vars(owner)[name] is None, f"{type(owner).__name__}.{name}"
    assert isinstance(slot.sender._ssrc, int)
    assert [codec.payloadType for codec in slot._codecs] == [111]
    assert slot._codecs[0] is not microphone._codecs[0], "codecs are shared: setting one m-line's would set all"
    connection._local_username = "changedlater"
    assert "a=ice-ufrag:changedlater" in (await pc.createAnswer()).sdp
    await pc.close()


async def test_the_stack_uses_what_is_put_in_its_place() -> None:
    """It gathers through the port, starts no sender or receiver, and one packet goes each way."""
    async with MediaPort(host="127.0.0.1") as port:
        failures: list[None] = []
        stack = privates.Stack(lambda: failures.append(None))
        async with Browser(slots=1) as browser:
            read = offer.read(await browser.offer(), RtcSettings())
            answer = await stack.answer(read, port, max_waiting=8, handshakes=TURNS, opus={"useinbandfec": 1})
            wire = stack.wire
            assert wire is not None
            assert [(it.ip, it.port) for it in _candidates(answer.sdp)] == [("127.0.0.1", port.port)] * 2
            assert "useinbandfec=1" in answer.sdp
            plain: list[bytes] = []
            wire.on_rtp = plain.append
            await browser.accept(answer.sdp)
            await until(lambda: wire.is_open and browser.pc.connectionState == "connected")
            sent = (0x80, 0x60, 1, 0, answer.outgoing[0].ssrc), b"sound"
            assert wire.send_rtp(*sent)
            await until(lambda: browser.payloads("1") == [b"sound"])
            await browser.speak(7, b"voice")
            await until(lambda: plain)
            assert plain[0].endswith(b"voice")
            transceivers = stack._pc.getTransceivers()
            assert vars(transceivers[0].receiver)["_RTCRtpReceiver__started"] is False
            assert vars(transceivers[1].sender)["_RTCRtpSender__started"] is False
            assert not failures
        await until(lambda: failures)
        assert not wire.send_rtp(*sent)
        await stack.close()


@pytest.mark.leaves_tasks("the browser is stock aiortc, which has this very fault; ours is looked at by name")
async def test_nothing_runs_on_when_closed_as_the_checks_end() -> None:
    """Aioice then begins to ask for consent after it was closed, and never ends."""
    async with MediaPort(host="127.0.0.1") as port, Browser(slots=1) as browser:
        stack = privates.Stack(lambda: None)
        read = offer.read(await browser.offer(), RtcSettings())
        answer = await stack.answer(read, port, max_waiting=8, handshakes=TURNS, opus={})
        accepting = asyncio.create_task(browser.accept(answer.sdp))
        connection = stack._pc.getTransceivers()[0].receiver.transport.transport._connection
        while not connection._check_list_done:  # noqa: ASYNC110 - there is no event for it, and every step counts
            await asyncio.sleep(0)
        await stack.close()
        await accepting
        consent = connection._query_consent_task
        assert consent is not None, "the checks ended otherwise than this test is about"
        assert consent.cancelling() or consent.done()


async def test_feedback_is_answered_where_it_was_offered() -> None:
    """On that m-line alone; the stack's own table has none, and stays so."""
    async with MediaPort(host="127.0.0.1") as port:
        stack = privates.Stack(lambda: None)
        line = "a=rtcp-fb:111 transport-cc\r\n"
        text = chromium("sendonly", "recvonly").replace(line, line + "a=rtcp-fb:111 nack\r\na=rtcp-fb:* rrtr\r\n", 1)
        read = offer.read(text, RtcSettings())
        answer = await stack.answer(read, port, max_waiting=8, handshakes=TURNS, opus={})
        microphone, slot = aiortc.sdp.SessionDescription.parse(answer.sdp).media
        assert [it.type for it in microphone.rtp.codecs[0].rtcpFeedback] == ["nack", "rrtr"]
        assert slot.rtp.codecs[0].rtcpFeedback == []
        assert aiortc.codecs.CODECS["audio"][0].rtcpFeedback == []
        await stack.close()


async def test_late_packets_are_let_in_once() -> None:
    """A packet up to 1,000 behind the newest decrypts, as one that is sent anew does; a second time it does not."""
    async with MediaPort(host="127.0.0.1") as port:
        stack = privates.Stack(lambda: None)
        async with Browser(slots=1) as browser:
            answer = await stack.answer(
                offer.read(await browser.offer(), RtcSettings()), port, max_waiting=8, handshakes=TURNS, opus={}
            )
            await browser.accept(answer.sdp)
            wire = stack.wire
            assert wire is not None
            await until(lambda: wire.is_open and browser.pc.connectionState == "connected")
            heard: list[bytes] = []
            wire.on_rtp = heard.append
            for number in (1, 3, *range(4, 900), 2, 2, 3):
                await browser.speak(number, b"%d" % number)
            await until(lambda: b"2" in (it[20:] for it in heard))
            await asyncio.sleep(0.05)
        await stack.close()
    assert [it[20:] for it in heard].count(b"2") == 1
    assert [it[20:] for it in heard].count(b"3") == 1


async def test_waiting_dtls_is_bounded() -> None:
    """What comes before the handshake can use it is dropped beyond the limit."""
    async with MediaPort(host="127.0.0.1") as port:
        stack = privates.Stack(lambda: None)
        read = offer.read(chromium("sendonly"), RtcSettings())
        await stack.answer(read, port, max_waiting=8, handshakes=TURNS, opus={})
        wire = stack.wire
        assert wire is not None
        for _ in range(100):
            wire.receive_dtls(b"\x16junk")
        assert wire._connection._queue.qsize() == 8
        await stack.close()


async def test_user_fragments_do_not_collide() -> None:
    """They are long, and looked up before they are used."""
    async with MediaPort(host="127.0.0.1") as port:
        fragments = {privates._fragment(port) for _ in range(100)}
    assert len(fragments) == 100
    assert {len(fragment) for fragment in fragments} == {12}


def _candidates(sdp: str) -> list[aiortc.RTCIceCandidate]:
    return [it for media in aiortc.sdp.SessionDescription.parse(sdp).media for it in media.ice_candidates]
