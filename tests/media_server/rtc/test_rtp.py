"""RTP packets as bytes."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from media_server.rtc import rtp
from tests.support.rtp_packet import pack

SIXTEEN = st.integers(0, 0xFFFF)
THIRTY_TWO = st.integers(0, 0xFFFFFFFF)


def aiortc_extensions() -> HeaderExtensionsMap:
    known = HeaderExtensionsMap()
    extensions = [(1, rtp.MID), (2, rtp.AUDIO_LEVEL)]
    known.configure(
        RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=i, uri=uri) for i, uri in extensions])
    )
    return known


@given(SIXTEEN, THIRTY_TWO, THIRTY_TWO, st.binary(max_size=200), st.booleans(), st.integers(0, 127))
def test_what_is_packed_reads_the_same_elsewhere(
    sequence_number: int, timestamp: int, ssrc: int, payload: bytes, marker: bool, payload_type: int
) -> None:
    """Aiortc's parser finds every field, and the m-line."""
    extension = rtp.mid_extension(1, "slot7")
    data = pack(payload_type, sequence_number, timestamp, ssrc, payload, marker=marker, extension=extension)
    packet = RtpPacket.parse(data, aiortc_extensions())
    assert (packet.sequence_number, packet.timestamp, packet.ssrc) == (sequence_number, timestamp, ssrc)
    assert (packet.payload, bool(packet.marker), packet.payload_type) == (payload, marker, payload_type)
    assert packet.extensions.mid == "slot7"


@given(SIXTEEN, THIRTY_TWO, THIRTY_TWO, st.binary(min_size=1, max_size=200), st.integers(0, 127), st.booleans())
def test_what_is_packed_elsewhere_reads_the_same(
    sequence_number: int, timestamp: int, ssrc: int, payload: bytes, level: int, voice: bool
) -> None:
    """A packet of aiortc's, with an m-line and a level before the payload and padding behind it."""
    packet = RtpPacket(
        payload_type=111, sequence_number=sequence_number, timestamp=timestamp, ssrc=ssrc, payload=payload
    )
    packet.extensions.mid = "0"
    packet.extensions.audio_level = (voice, level)
    packet.csrc = [1, 2]
    packet.padding_size = 4
    received = rtp.parse(packet.serialize(aiortc_extensions()), 2)
    assert received == rtp.Received(111, sequence_number, timestamp, ssrc, level, voice, payload)


def test_a_level_in_two_byte_elements_is_found() -> None:
    """RFC 8285 section 4.3: browsers may use them where both sides allow it."""
    packet = pack(111, 1, 2, 3, b"sound", extension=b"\x10\x00\x00\x02" + b"\x05\x00\x02\x01\x85\x00\x00\x00")
    received = rtp.parse(packet, 2)
    assert (received.level, received.voice, received.payload) == (5, True, b"sound")


def test_a_packet_without_a_level_says_none() -> None:
    """Not negotiated, not there, or in a header extension of another kind."""
    extension = b"\xbe\xde\x00\x01\x20\x85\x00\x00"
    assert rtp.parse(pack(111, 1, 2, 3, b"x", extension=extension), None).level is None
    assert rtp.parse(pack(111, 1, 2, 3, b"x", extension=extension), 9).level is None
    assert rtp.parse(pack(111, 1, 2, 3, b"x", extension=b"\x12\x34" + extension[2:]), 2).level is None
    assert rtp.parse(pack(111, 1, 2, 3, b"x"), 2).level is None


@pytest.mark.parametrize("mid", ["", "x" * 17])
def test_a_name_that_does_not_fit_has_no_extension(mid: str) -> None:
    """One-byte elements hold 1 to 16 bytes."""
    assert rtp.mid_extension(1, mid) == b""
    assert rtp.mid_extension(15, "0") == b""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x6f",
        b"\x40\x6f" + bytes(10),  # version 1
        b"\xa0\x6f" + bytes(10) + b"sound\0",  # padding of no bytes
        b"\xa0\x6f" + bytes(10) + b"sound\x20",  # more padding than packet
        b"\x82\x6f" + bytes(10) + b"csrc",  # half of its contributors
        b"\x90\x6f" + bytes(10) + b"\xbe\xde\x00\x09",  # an extension that is not there
    ],
)
def test_what_contradicts_itself_is_refused(data: bytes) -> None:
    """With a ValueError, whichever field lies."""
    with pytest.raises(ValueError, match="RTP"):
        rtp.parse(data, 1)


@given(st.binary(max_size=64), st.integers(1, 14))
def test_garbage_is_a_value_error_or_a_packet(data: bytes, level_id: int) -> None:
    """Nothing else comes out, whatever comes in (a malformed extension used to end a peer's transport)."""
    head = bytes([0x90]) + data
    for candidate in (data, head):
        try:
            received = rtp.parse(candidate, level_id)
        except ValueError:
            continue
        assert received.level is None or 0 <= received.level <= 127
