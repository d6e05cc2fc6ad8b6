"""RTP packets as bytes (RFC 3550 section 5.1, header extensions RFC 8285). Pure."""

from struct import Struct, error
from typing import NamedTuple

HEADER = Struct("!BBHII")
"""The fixed header: its two first bytes, sequence number, timestamp and source."""
_EXTENSION = Struct("!HH")

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

Header = tuple[int, int, int, int, int]
"""The fields of `HEADER`."""

MAX_DROPOUT = 3000
"""A step forward of fewer packets is a hole; a larger one means a new numbering (RFC 3550 appendix A.1)."""
MAX_MISORDER = 100
"""A packet at most so many numbers behind the newest is late, or was sent again; further behind, as above."""

_ONE_BYTE = 0xBEDE
_TWO_BYTE = 0x1000  # the low four bits are for the application


class Received(NamedTuple):
    """What a received packet says."""

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    # -dBov and voice activity (RFC 6464), None if the packet does not say.
    level: int | None
    voice: bool | None
    payload: bytes


def parse(data: bytes, level_id: int | None) -> Received:
    """Read a packet, and the audio level if its header extension was negotiated with that id.

    Raises:
        ValueError: not an RTP packet, or one that contradicts itself.
    """
    try:
        first, second, sequence_number, timestamp, ssrc = HEADER.unpack_from(data)
        start = 12 + 4 * (first & 0x0F)
        level: int | None = None
        if first & 0x10:
            profile, words = _EXTENSION.unpack_from(data, start)
            start += 4
            if level_id is not None:
                level = _element(data, start, start + 4 * words, profile, level_id)
            start += 4 * words
    except (error, IndexError):
        raise ValueError("truncated RTP packet") from None
    end = len(data)
    if first & 0x20:
        end -= data[-1]
        if not data[-1]:
            raise ValueError("RTP padding without a length")
    if first >> 6 != 2 or end < start:
        raise ValueError("not an RTP packet")
    payload = data[start:end]
    if level is None:
        return Received(second & 0x7F, sequence_number, timestamp, ssrc, None, None, payload)
    return Received(second & 0x7F, sequence_number, timestamp, ssrc, level & 0x7F, level > 0x7F, payload)


def _element(data: bytes, position: int, end: int, profile: int, wanted: int) -> int | None:
    """Find the first byte of the extension element with that id. Raises IndexError where the packet is too short."""
    one_byte = profile == _ONE_BYTE
    if not one_byte and profile & 0xFFF0 != _TWO_BYTE:
        return None
    while position < end:
        byte = data[position]
        position += 1
        if byte == 0:  # padding between elements
            continue
        if one_byte:
            found, length = byte >> 4, (byte & 0x0F) + 1
            if found == 15:  # reserved: nothing after it counts (RFC 8285 section 4.2)
                return None
        else:
            found, length = byte, data[position]
            position += 1
        if found == wanted:
            return data[position] if length else None
        position += length
    return None


def mid_extension(extension_id: int, mid: str) -> bytes:
    """Make the header extension that says which m-line a packet is of (RFC 9143 section 15); empty if it cannot."""
    value = mid.encode()
    if not 1 <= extension_id <= 14 or not 1 <= len(value) <= 16:
        return b""
    element = bytes(((extension_id << 4) | (len(value) - 1),)) + value
    element += bytes(-len(element) % 4)
    return _EXTENSION.pack(_ONE_BYTE, len(element) // 4) + element
