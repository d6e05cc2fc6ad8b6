"""RTP packets as others send them."""

from media_server.rtc import rtp


def pack(
    payload_type: int,
    sequence_number: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    *,
    marker: bool = False,
    extension: bytes = b"",
) -> bytes:
    """Make a packet; `extension` is a whole header extension as `rtp.mid_extension` makes it, or empty."""
    first = 0x90 if extension else 0x80
    second = payload_type | 0x80 if marker else payload_type
    return rtp.HEADER.pack(first, second, sequence_number, timestamp, ssrc) + extension + payload
