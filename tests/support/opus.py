"""Recordings as the Opus packets a browser would send, and back."""

from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from tests.support.recordings import SAMPLE_RATE, Samples

PACKET_MS = 20
PACKET_SAMPLES = SAMPLE_RATE * PACKET_MS // 1000


def encode(samples: Samples, bit_rate: int = 32_000, *, fec_percent: int = 0) -> list[bytes]:
    """Encode 16 kHz mono to 20 ms Opus packets; the last one is filled up with silence.

    With `fec_percent`, the loss that the encoder is told to expect, packets hold a copy of the one before (FEC).
    """
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "mono", "s16"
    encoder.bit_rate = bit_rate
    encoder.time_base = Fraction(1, SAMPLE_RATE)
    encoder.options = {"application": "voip", "frame_duration": str(PACKET_MS)}
    if fec_percent:
        encoder.options |= {"fec": "1", "packet_loss": str(fec_percent)}
    count = -(-len(samples) // PACKET_SAMPLES)
    padded = np.zeros(count * PACKET_SAMPLES, np.int16)
    padded[: len(samples)] = samples
    packets = []
    for i in range(count):
        frame = av.AudioFrame.from_ndarray(
            padded[None, i * PACKET_SAMPLES : (i + 1) * PACKET_SAMPLES], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, i * PACKET_SAMPLES, Fraction(1, SAMPLE_RATE)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets[:count]


def decode(packets: Iterable[bytes]) -> NDArray[np.int16]:
    """Decode Opus packets to 48 kHz mono."""
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout, decoder.format = 48_000, "mono", "s16"
    sound = [
        frame.to_ndarray().reshape(-1)[: frame.samples * len(frame.layout.channels)].reshape(frame.samples, -1)[:, 0]
        for packet in packets
        for frame in decoder.decode(av.Packet(packet))
        if isinstance(frame, av.AudioFrame)
    ]
    return np.concatenate(sound) if sound else np.zeros(0, np.int16)
