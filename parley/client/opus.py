"""Sound as the Opus packets that travel."""

from fractions import Fraction

import av
import numpy as np

PACKET_MS = 20
RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""Hertz that Opus takes (RFC 6716, section 2)."""
SILENCE = b"\xf8\xff\xfe"
"""20 ms of nothing, encoded; decoders give digital silence."""
REST = b"\xf8"
"""What discontinuous transmission sends now and then in a pause: a first byte and no sound (RFC 6716, section 3.1)."""


class Encoded:
    """Sound that was encoded once, to be said as often as one likes, by as many as one likes."""

    def __init__(self, packets: tuple[bytes, ...]) -> None:
        # 20 ms each.
        self.packets = packets

    @property
    def duration_s(self) -> float:
        """How long it plays, in seconds."""
        return len(self.packets) * PACKET_MS / 1000


def encode(pcm: bytes, sample_rate: int = 16_000, *, bit_rate: int = 32_000) -> Encoded:
    """Encode mono s16le; what is left of the last 20 ms is silence. Some 5 ms of work for a second of sound.

    Raises:
        ValueError: Opus does not take the sample rate, or half a sample is there.
    """
    if sample_rate not in RATES:
        raise ValueError(f"Opus takes {', '.join(map(str, RATES))} Hz, not {sample_rate}")
    if len(pcm) % 2:
        raise ValueError("s16le has two bytes a sample: an odd number was given")
    size = sample_rate * PACKET_MS // 1000
    count = -(-len(pcm) // 2 // size)
    padded = np.zeros(count * size, np.int16)
    padded[: len(pcm) // 2] = np.frombuffer(pcm, "<i2")
    encoder = _encoder(sample_rate, bit_rate)
    packets: list[bytes] = []
    for number in range(count):
        samples = padded[None, number * size : (number + 1) * size]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = sample_rate, number * size, Fraction(1, sample_rate)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    # The encoder looks ahead: a packet more than sound was given comes at the end.
    return Encoded(tuple(packets[:count]))


def _encoder(sample_rate: int, bit_rate: int) -> av.AudioCodecContext:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = sample_rate, "mono", "s16"
    encoder.bit_rate = bit_rate
    encoder.time_base = Fraction(1, sample_rate)
    encoder.options = {"application": "voip", "frame_duration": str(PACKET_MS)}
    return encoder
