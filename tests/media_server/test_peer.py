"""What a room may rely on of a peer, told to the fake one; `rtc/test_peer` tells it to the real one."""

import msgspec
import pytest

from media_server.packet import AudioPacket
from media_server.peer import IceCandidate, OfferError, Peer, PeerFactory, PeerState
from tests.fakes.peers import FakePeer, FakePeers

PACKET = AudioPacket(1, 960, b"sound", 30, True, 0.0)


def test_a_candidate_reads_as_browsers_write_it() -> None:
    """The JSON of RTCIceCandidate.toJSON() becomes an IceCandidate."""
    text = b'{"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMid":"0","sdpMLineIndex":0,'
    text += b'"usernameFragment":"x"}'
    candidate = msgspec.json.decode(text, type=IceCandidate)
    assert candidate.sdp_mid == "0"
    assert candidate.sdp_m_line_index == 0
    assert candidate.username_fragment == "x"


def test_an_offer_error_is_a_value_error_with_words() -> None:
    """The door may show what it says."""
    assert issubclass(OfferError, ValueError)
    assert str(OfferError("no audio")) == "no audio"


async def test_a_fake_peer_lives_as_a_peer_does() -> None:
    """It goes from new to connected to closed, tells so, and closing twice is fine."""
    factory: PeerFactory = FakePeers()
    peer: Peer = factory()
    states: list[PeerState] = []
    peer.on_state = states.append
    assert not peer.outlets
    await peer.answer("offer")
    assert [outlet.mid for outlet in peer.outlets] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    await peer.close()
    await peer.close()
    assert states == [PeerState.CONNECTING, PeerState.CONNECTED, PeerState.CLOSED]


async def test_a_fake_peer_refuses_a_second_offer() -> None:
    """As the real one does."""
    peer = FakePeer()
    await peer.answer("offer")
    with pytest.raises(OfferError):
        await peer.answer("offer")


async def test_a_fake_outlet_writes_down_what_it_is_given() -> None:
    """Packets with their sources, and the rests that end a spurt; resting twice is harmless."""
    peer = FakePeer()
    await peer.answer("offer")
    outlet = peer.outlets[0]
    outlet.rest()
    outlet.forward("ana", PACKET)
    outlet.rest()
    outlet.rest()
    outlet.forward("ben", PACKET)
    assert outlet.sounds == [("ana", PACKET), None, ("ben", PACKET)]
    assert outlet.sources == ["ana", "ben"]
    assert outlet.payloads == [b"sound", b"sound"]
    assert not outlet.resting


async def test_what_a_room_raises_costs_a_fake_peer_one_packet() -> None:
    """The next packet comes all the same."""
    peer = FakePeer()
    await peer.answer("offer")
    heard: list[AudioPacket] = []

    def fail_once(packet: AudioPacket) -> None:
        heard.append(packet)
        if len(heard) == 1:
            raise RuntimeError("a room's fault")

    peer.on_packet = fail_once
    peer.hear(PACKET)
    peer.hear(PACKET)
    assert len(heard) == 2
    assert len(peer.raised) == 1
