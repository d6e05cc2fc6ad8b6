"""Real calls over 127.0.0.1 between a peer and stock aiortc in the part of the browser."""

import asyncio
import socket
import time
from fractions import Fraction
from typing import Any
from unittest import mock

import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection
from aiortc.sdp import SessionDescription
from av.packet import Packet
from prometheus_client import REGISTRY

from media_server.packet import AudioPacket
from media_server.peer import IceCandidate, OfferError, Peer, PeerFactory, PeerState
from media_server.rtc.endpoint import RtcEndpoint
from tests.media_server.rtc.browser import Browser, call, until
from tests.media_server.rtc.offers import chromium, with_candidates

SOUND = b"\x78"  # CELT, 20 ms
ALERT = b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28"  # fatal, handshake_failure, in plain text


def packet(number: int, payload: bytes = SOUND) -> AudioPacket:
    return AudioPacket(number & 0xFFFF, number * 960 & 0xFFFFFFFF, payload, None, None, time.monotonic())


def count(name: str, labels: dict[str, str] | None = None) -> float:
    return REGISTRY.get_sample_value(name, labels or {}) or 0.0


async def test_a_new_peer_is_what_a_room_needs(endpoint: RtcEndpoint) -> None:
    """The endpoint makes Peers."""
    factory: PeerFactory = endpoint.new_peer
    peer: Peer = factory()
    assert peer.state is PeerState.NEW
    assert peer.outlets == ()
    await peer.close()


async def test_the_answer_matches_the_offer(endpoint: RtcEndpoint) -> None:
    """The microphone is received, the slots are sent, in the offer's order, all in one bundle, through one port."""
    peer = endpoint.new_peer()
    answer = await peer.answer(chromium("sendrecv", *["recvonly"] * 8))
    sdp = SessionDescription.parse(answer)
    assert [(media.rtp.muxId, media.direction) for media in sdp.media] == [
        ("0", "recvonly"),
        *((str(n), "sendonly") for n in range(1, 9)),
    ]
    assert [outlet.mid for outlet in peer.outlets] == [str(n) for n in range(1, 9)]
    assert sdp.group[0].items == [str(n) for n in range(9)]
    assert {media.port for media in sdp.media} == {endpoint.port.port}
    assert {candidate.ip for media in sdp.media for candidate in media.ice_candidates} == {"127.0.0.1"}
    await peer.close()


async def test_the_answer_asks_for_opus_as_set(endpoint: RtcEndpoint) -> None:
    """Every m-line of it; aiortc's own table stays as it was."""
    peer = endpoint.new_peer()
    answer = await peer.answer(chromium("sendonly", "recvonly"))
    line = "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000"
    assert answer.count(line) == 2
    await peer.close()
    stock = RTCPeerConnection()
    stock.addTransceiver("audio")
    assert "fmtp" not in (await stock.createOffer()).sdp
    await stock.close()


async def test_what_the_microphone_sends_comes_in(endpoint: RtcEndpoint) -> None:
    """Payload, numbers, level and voice activity as sent, and the moment it came."""
    peer = endpoint.new_peer()
    heard: list[AudioPacket] = []
    peer.on_packet = heard.append
    async with call(peer) as browser:
        before = time.monotonic()
        await browser.speak(65_535, b"first", level=20)
        await browser.speak(65_536, b"second", level=127)
        await until(lambda: len(heard) == 2)
        assert [(it.sequence_number, it.payload, it.level, it.voice) for it in heard] == [
            (65_535, b"first", 20, True),
            (0, b"second", 127, True),
        ]
        assert before <= heard[0].arrived <= time.monotonic()


async def test_a_stock_track_comes_in(endpoint: RtcEndpoint) -> None:
    """What a whole aiortc sender sends of a track, frames encoded elsewhere, arrives byte by byte."""

    class Frames(MediaStreamTrack):
        kind = "audio"

        def __init__(self) -> None:
            super().__init__()
            self._at = 0

        async def recv(self) -> "Packet[Any]":
            await asyncio.sleep(0.005)
            frame: Packet[Any] = Packet(SOUND + bytes([self._at % 256]) * 50)
            frame.pts, frame.time_base = self._at * 960, Fraction(1, 48_000)
            self._at += 1
            return frame

    peer = endpoint.new_peer()
    heard: list[AudioPacket] = []
    peer.on_packet = heard.append
    async with Browser(slots=1) as browser:
        sender = browser.pc.getTransceivers()[0].sender
        sender.replaceTrack(Frames())
        stock_send = sender.send
        offer = await browser.offer()
        sender.send = stock_send  # type: ignore[method-assign]
        await browser.accept(await peer.answer(offer))
        await until(lambda: len(heard) >= 10)
        assert [it.payload[1] for it in heard[:10]] == list(range(heard[0].payload[1], heard[0].payload[1] + 10))
    await peer.close()


async def test_what_is_forwarded_arrives_untouched(endpoint: RtcEndpoint) -> None:
    """From one microphone to another's slot: the same bytes, numbered without a break, marked at the start."""
    ana, ben = endpoint.new_peer(), endpoint.new_peer()
    async with call(ana) as speaker, call(ben) as listener:
        ana.on_packet = lambda it: ben.outlets[2].forward("ana", it)
        for number in range(20):
            await speaker.speak(60_000 + number, SOUND + bytes([number]) * 60)
        await until(lambda: len(listener.payloads("3")) == 20)
        got = listener.heard["3"]
        assert listener.payloads("3") == [SOUND + bytes([number]) * 60 for number in range(20)]
        assert [(it.sequence_number - got[0].sequence_number) & 0xFFFF for it in got] == list(range(20))
        assert [it.marker for it in got] == [1] + [0] * 19
        assert list(listener.heard) == ["3"]


async def test_a_lost_packet_is_a_hole_for_the_listener(endpoint: RtcEndpoint) -> None:
    """Its numbers say so, and its clock."""
    peer = endpoint.new_peer()
    async with call(peer) as listener:
        for number in (1, 2, 5):
            peer.outlets[0].forward("ana", packet(number))
        await until(lambda: len(listener.payloads("1")) == 3)
        first, _, last = listener.heard["1"]
        assert (last.sequence_number - first.sequence_number) & 0xFFFF == 4
        assert (last.timestamp - first.timestamp) & 0xFFFFFFFF == 4 * 960


async def test_one_slot_carries_one_speaker_after_another(endpoint: RtcEndpoint) -> None:
    """A rest between them; the numbers go on, the clock goes forward, each begins with a marker."""
    peer = endpoint.new_peer()
    async with call(peer) as listener:
        slot = peer.outlets[0]
        slot.forward("ana", packet(1, SOUND + b"ana"))
        slot.rest()
        slot.forward("ben", packet(40_000, SOUND + b"ben"))
        await until(lambda: len(listener.payloads("1")) == 3)
        got = listener.heard["1"]
        assert listener.payloads("1") == [SOUND + b"ana", SOUND, SOUND + b"ben"]
        assert [(it.sequence_number - got[0].sequence_number) & 0xFFFF for it in got] == [0, 1, 2]
        assert [it.marker for it in got] == [1, 0, 1]
        assert 0 < (got[2].timestamp - got[1].timestamp) & 0xFFFFFFFF < 48_000


async def test_eight_slots_carry_eight_speakers(endpoint: RtcEndpoint) -> None:
    """Each on its own m-line."""
    peer = endpoint.new_peer()
    async with call(peer, slots=8) as listener:
        for number in range(5):
            for outlet in peer.outlets:
                outlet.forward(f"speaker of {outlet.mid}", packet(number, SOUND + outlet.mid.encode()))
        await until(lambda: sum(map(len, listener.heard.values())) == 40)
        assert {mid: set(listener.payloads(mid)) for mid in listener.heard} == {
            str(n): {SOUND + str(n).encode()} for n in range(1, 9)
        }


@pytest.mark.parametrize("microphone", ["inactive", "recvonly"])
async def test_who_only_listens_connects_as_well(endpoint: RtcEndpoint, microphone: str) -> None:
    """The microphone's m-line is there, and silent."""
    peer = endpoint.new_peer()
    async with call(peer, slots=2, microphone=microphone) as listener:
        peer.outlets[-1].forward("ana", packet(1))
        await until(lambda: listener.payloads("2"))


async def test_both_sides_report(endpoint: RtcEndpoint) -> None:
    """A listener learns what was sent to it, a speaker what came of it."""
    ana, ben = endpoint.new_peer(), endpoint.new_peer()
    with mock.patch("media_server.rtc.peer.random.random", return_value=-0.4):
        async with call(ana) as speaker, call(ben) as listener:
            ana.on_packet = lambda it: ben.outlets[0].forward("ana", it)
            for number in (1, 2, 4):
                await speaker.speak(number, SOUND)
            await until(lambda: speaker.reports and listener.reports)
            (heard,) = speaker.reports[0].reports
            assert (heard.packets_lost, heard.highest_sequence) == (1, 4)
            assert listener.reports[0].sender_info.packet_count == 3
            assert listener.reports[0].sender_info.octet_count == 3


async def test_an_exception_in_the_room_costs_one_packet(endpoint: RtcEndpoint) -> None:
    """The call goes on, and the fault is counted."""
    peer = endpoint.new_peer()
    heard: list[int] = []

    def fail_once(it: AudioPacket) -> None:
        heard.append(it.sequence_number)
        if len(heard) == 1:
            raise RuntimeError("a room's fault")

    peer.on_packet = fail_once
    before = count("parley_rtc_packet_faults_total")
    async with call(peer) as browser:
        await browser.speak(1, SOUND)
        await browser.speak(2, SOUND)
        await until(lambda: heard == [1, 2])
    assert count("parley_rtc_packet_faults_total") == before + 1


async def test_an_exception_in_a_state_callback_does_not_end_the_call(endpoint: RtcEndpoint) -> None:
    """It is counted, and the connection comes up."""
    peer = endpoint.new_peer()

    def fail(state: PeerState) -> None:
        raise RuntimeError("a room's fault")

    peer.on_state = fail
    before = count("parley_rtc_callback_faults_total")
    async with call(peer):
        pass
    assert count("parley_rtc_callback_faults_total") == before + 3


async def test_datagrams_that_are_nothing_do_not_end_a_call(endpoint: RtcEndpoint) -> None:
    """Empty ones, alerts in plain text and noise, from the browser's own address: sound still comes."""
    peer = endpoint.new_peer()
    heard: list[AudioPacket] = []
    peer.on_packet = heard.append
    async with call(peer) as browser:
        for data in (b"", ALERT, b"\x80", b"\x80\x6f" + bytes(40), b"\xff" * 10):
            for _ in range(20):
                await browser.send_datagram(data)
        await browser.speak(1, SOUND)
        await until(lambda: heard)
        assert peer.state is PeerState.CONNECTED


async def test_empty_datagrams_do_not_stop_a_handshake(endpoint: RtcEndpoint) -> None:
    """Nor do alerts of strangers, sent all the while."""
    peer = endpoint.new_peer()
    # asyncio's own transports send no empty datagrams.
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.connect(("127.0.0.1", endpoint.port.port))

    async def pester() -> None:
        while True:
            for data in (b"", ALERT, b"\x00\x01\x00\x04\x21\x12\xa4\x42" + bytes(16)):
                stranger.send(data)
            await asyncio.sleep(0.001)

    pestering = asyncio.create_task(pester())
    async with call(peer):
        assert peer.state is PeerState.CONNECTED
    pestering.cancel()
    await asyncio.gather(pestering, return_exceptions=True)
    stranger.close()


async def test_a_spray_of_sources_ends_the_call(endpoint: RtcEndpoint) -> None:
    """More SSRCs than allowed: closed, within its time, and counted."""
    peer = endpoint.new_peer()
    before = count("parley_rtc_peers_closed_total", {"reason": "too_many_sources"})
    async with Browser(slots=1) as browser:
        await browser.connect(peer)
        with mock.patch("media_server.rtc.microphone._TAKEOVER", 0.0):
            for ssrc in range(100):
                await browser.speak(1, SOUND, ssrc=ssrc + 1)
            await until(lambda: peer.state is PeerState.CLOSED)
    await peer.close()
    assert count("parley_rtc_peers_closed_total", {"reason": "too_many_sources"}) == before + 1


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        chromium(*["recvonly"] * 500),
        with_candidates(chromium("sendonly"), 5000),
        chromium("sendonly")[:500],
    ],
)
async def test_a_useless_offer_changes_nothing(endpoint: RtcEndpoint, offer: str) -> None:
    """It is refused with words, and a good one is taken afterwards."""
    peer = endpoint.new_peer()
    with pytest.raises(OfferError):
        await peer.answer(offer)
    assert peer.state is PeerState.NEW
    async with call(peer):
        pass


async def test_what_the_stack_raises_is_an_offer_error(endpoint: RtcEndpoint) -> None:
    """Whatever it is; nothing is left of the attempt."""
    peer = endpoint.new_peer()
    with (
        mock.patch("aiortc.RTCPeerConnection.createAnswer", side_effect=AssertionError),
        pytest.raises(OfferError, match="could not be negotiated"),
    ):
        await peer.answer(chromium("sendonly", "recvonly"))
    assert peer.state is PeerState.NEW
    assert len(endpoint.port.demux) == 0
    await peer.close()


async def test_a_cancelled_answer_leaves_nothing(endpoint: RtcEndpoint) -> None:
    """The participant's socket may go while the offer is being negotiated."""
    peer = endpoint.new_peer()
    with mock.patch("aiortc.RTCPeerConnection.createAnswer", asyncio.Event().wait):
        answering = asyncio.create_task(peer.answer(chromium("sendonly")))
        await until(lambda: len(endpoint.port.demux))
        answering.cancel()
        await asyncio.wait({answering})
    assert answering.cancelled()
    assert len(endpoint.port.demux) == 0
    await peer.close()


async def test_a_call_closed_while_it_is_answered_does_not_begin(endpoint: RtcEndpoint) -> None:
    """Its answer is an error, and nothing is left of it."""
    peer = endpoint.new_peer()
    answering = asyncio.create_task(peer.answer(chromium("sendonly")))
    await asyncio.sleep(0)
    await peer.close()
    with pytest.raises(OfferError):
        await answering
    assert peer.state is PeerState.CLOSED
    assert len(endpoint.port.demux) == 0


async def test_a_second_offer_is_refused(endpoint: RtcEndpoint) -> None:
    """There is no renegotiation."""
    peer = endpoint.new_peer()
    await peer.answer(chromium("sendonly"))
    with pytest.raises(OfferError, match="has had its offer"):
        await peer.answer(chromium("sendonly"))
    await peer.close()


async def test_candidates_are_checked_and_counted(endpoint: RtcEndpoint) -> None:
    """Those of the offer and those that trickle in together; nobody is sent a packet for one."""
    peer = endpoint.new_peer()
    await peer.answer(with_candidates(chromium("sendonly"), 60))
    good = IceCandidate("candidate:1 1 udp 1 203.0.113.7 9 typ host", "0", 0)
    for _ in range(4):
        await peer.add_candidate(good)
    await peer.add_candidate(None)
    with pytest.raises(OfferError, match="more than 64"):
        await peer.add_candidate(good)
    with pytest.raises(OfferError):
        await endpoint.new_peer().add_candidate(IceCandidate("nonsense"))
    await peer.close()


async def test_states_come_in_order(endpoint: RtcEndpoint) -> None:
    """And outlets can be used as soon as it says connected."""
    peer = endpoint.new_peer()
    states: list[PeerState] = []

    def note(state: PeerState) -> None:
        states.append(state)
        if state is PeerState.CONNECTED:
            peer.outlets[0].forward("ana", packet(1))

    peer.on_state = note
    async with call(peer) as listener:
        await until(lambda: listener.payloads("1"))
    assert states == [PeerState.CONNECTING, PeerState.CONNECTED, PeerState.CLOSED]


async def test_a_browser_that_leaves_is_noticed(endpoint: RtcEndpoint) -> None:
    """Its farewell closes the peer, without anybody asking."""
    peer = endpoint.new_peer()
    async with Browser() as browser:
        await browser.connect(peer)
    await until(lambda: peer.state is PeerState.CLOSED and not endpoint.peers)


async def test_closing_twice_is_closing_once(endpoint: RtcEndpoint) -> None:
    """At the same time, and again later."""
    peer = endpoint.new_peer()
    before = count("parley_rtc_peers_closed_total", {"reason": "asked"})
    async with call(peer):
        await asyncio.gather(peer.close(), peer.close())
    assert count("parley_rtc_peers_closed_total", {"reason": "asked"}) == before + 1
    peer.outlets[0].forward("ana", packet(1))
    peer.outlets[0].rest()
