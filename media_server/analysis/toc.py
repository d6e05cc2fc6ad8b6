"""What an Opus packet says of itself at its beginning (RFC 6716). Pure."""

from media_server.packet import CLOCK_RATE

REST_BYTES = 2
"""A packet of no more than this holds no sound: the sender begins to rest (DTX; section 3.1: a first byte, and at most
a count)."""
FIRST_CELT_ONLY = 16
"""From this configuration on a packet has no SILK part, and so no copy of the one before."""

_MS = CLOCK_RATE // 1000


def frame_samples(toc: int) -> int:
    """How many samples at 48 kHz a frame coded like this lasts (table 2)."""
    configuration = toc >> 3
    if configuration < 12:
        return (10, 20, 40, 60)[configuration & 3] * _MS
    if configuration < FIRST_CELT_ONLY:
        return (10, 20)[configuration & 1] * _MS
    return (120, 240, 480, 960)[configuration & 3]


def rests(payload: bytes) -> bool:
    """Whether it only says that the sender falls silent. An empty one says nothing (padding)."""
    return 0 < len(payload) <= REST_BYTES


def recoverable(payload: bytes) -> int:
    """How many samples at 48 kHz of the packet before it holds as a copy (in-band FEC, sections 2.1.7 and 4.2.4).

    0 for none, and for packets of several frames, which nobody sends with FEC in real time.
    """
    if len(payload) <= REST_BYTES or payload[0] & 3 or payload[0] >> 3 >= FIRST_CELT_ONLY:
        return 0
    samples = frame_samples(payload[0])
    # Behind one bit for each 20 ms (voice or not) follows that of the copy.
    voice_bits = max(1, samples // (20 * _MS))
    return samples if payload[1] >> (7 - voice_bits) & 1 else 0
