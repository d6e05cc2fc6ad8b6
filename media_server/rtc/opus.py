"""What the first byte of an Opus packet says (RFC 6716 section 3.1), so that nothing need be decoded."""

from media_server.packet import CLOCK_RATE

_MS = CLOCK_RATE // 1000

# Samples of one frame by configuration number: SILK, hybrid, CELT.
_FRAME = (
    (10 * _MS, 20 * _MS, 40 * _MS, 60 * _MS) * 3
    + (10 * _MS, 20 * _MS) * 2
    + (_MS * 5 // 2, 5 * _MS, 10 * _MS, 20 * _MS) * 4
)

# No packet is longer (RFC 6716 section 3.1).
_LONGEST = 120 * _MS


def duration(payload: bytes) -> int:
    """Count the samples at 48 kHz that a packet holds: 1 to 5,760, also for one that no decoder would take.

    An empty payload counts as 20 ms.
    """
    if not payload:
        return 20 * _MS
    frame = _FRAME[payload[0] >> 3]
    code = payload[0] & 3
    if code == 0:
        return frame
    frames = 2 if code < 3 else payload[1] & 0x3F if len(payload) > 1 else 1
    return min(max(frames, 1) * frame, _LONGEST)


def rests(payload: bytes) -> bool:
    """Say whether this is a frame without sound, by which its encoder says that silence follows (DTX)."""
    return len(payload) <= 2


def silence(payload: bytes) -> bytes:
    """Make the one-byte frame that tells a decoder of such packets that silence follows (DTX, RFC 6716 section 2.1.9).

    Its TOC is the packet's own with one frame, which has no data: the decoder fades out and makes comfort noise
    instead of concealing a loss.
    """
    return bytes((payload[0] & 0xFC,)) if payload else b""
