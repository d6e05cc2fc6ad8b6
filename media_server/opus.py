"""What an Opus packet says of itself in its first bytes (RFC 6716), so that nothing need be decoded. Pure."""

from media_server.packet import CLOCK_RATE

REST_BYTES = 2
"""A packet of no more than this holds no sound (section 3.1: a first byte, and at most a count)."""
FIRST_CELT_ONLY = 16
"""From this configuration on a packet has no SILK part, and so no copy of the one before."""

_MS = CLOCK_RATE // 1000

# No packet is longer (section 3.1).
_LONGEST = 120 * _MS


def frame_samples(toc: int) -> int:
    """Count the samples at 48 kHz of a frame that is coded like this (table 2)."""
    configuration = toc >> 3
    if configuration < 12:
        return (10, 20, 40, 60)[configuration & 3] * _MS
    if configuration < FIRST_CELT_ONLY:
        return (10, 20)[configuration & 1] * _MS
    return (120, 240, 480, 960)[configuration & 3]


def duration(payload: bytes) -> int:
    """Count the samples at 48 kHz that a packet holds: 1 to 5,760, also for one that no decoder would take.

    An empty payload counts as 20 ms.
    """
    if not payload:
        return 20 * _MS
    code = payload[0] & 3
    if code == 0:
        return frame_samples(payload[0])
    frames = 2 if code < 3 else payload[1] & 0x3F if len(payload) > 1 else 1
    return min(max(frames, 1) * frame_samples(payload[0]), _LONGEST)


def rests(payload: bytes) -> bool:
    """Say whether it holds no sound: by such a packet an encoder says that silence follows (DTX)."""
    return len(payload) <= REST_BYTES


def silence(payload: bytes) -> bytes:
    """Make the one-byte frame that tells a decoder of such packets that silence follows (DTX, section 2.1.9).

    Its first byte is the packet's own with one frame, which has no data: the decoder fades out and makes comfort noise
    instead of concealing a loss.
    """
    return bytes((payload[0] & 0xFC,)) if payload else b""


def recoverable(payload: bytes) -> int:
    """Count the samples at 48 kHz of the packet before it that it holds as a copy (in-band FEC, sections 2.1.7, 4.2.4).

    0 for none, and for packets of several frames, which nobody sends with FEC in real time.
    """
    if rests(payload) or payload[0] & 3 or payload[0] >> 3 >= FIRST_CELT_ONLY:
        return 0
    samples = frame_samples(payload[0])
    # Behind one bit for each 20 ms (voice or not) follows that of the copy.
    voice_bits = max(1, samples // (20 * _MS))
    return samples if payload[1] >> (7 - voice_bits) & 1 else 0
