"""Turning a synthesizer's sound into Opus packets for the wire."""

from fractions import Fraction

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from pipeline.engines.trimmer import Samples, Trimmer

SAMPLE_RATE = 48_000
"""Hertz at which Opus runs, whatever the synthesizer's own rate (RFC 6716 section 2.1.3)."""
PACKET_SAMPLES = SAMPLE_RATE // 50
"""20 ms."""
BIT_RATE = 32_000
"""Bits per second: full-band speech is good there (RFC 6716 section 2.1.1), and hybrid mode keeps in-band FEC."""


class OpusEncoder:
    """Encodes one piece of speech: mono s16le PCM of any rate in, 20 ms packets of 48 kHz mono Opus out.

    Silence at both ends is trimmed, and the ends are faded. A packet is given out as soon as there is sound for it. The
    encoder's own delay of 6.5 ms (RFC 7845 calls it pre-skip) stays in the first packet, where it falls into the
    silence that is left in front. Encoding a packet takes about 0.2 ms: not for an event loop that has media to send.
    """

    def __init__(self, sample_rate: int, *, bit_rate: int = BIT_RATE) -> None:
        self._sample_rate = sample_rate
        self._trimmer = Trimmer(sample_rate)
        self._resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        self._codec = _open(bit_rate)
        # Half a sample, when a chunk was cut in the middle of one.
        self._odd = b""
        # Less than a packet's worth of 48 kHz samples.
        self._rest = np.zeros(0, np.int16)

    def encode(self, pcm: bytes) -> list[bytes]:
        """Take more sound, any length; give the packets that are complete now."""
        pcm = self._odd + pcm
        whole = len(pcm) & ~1
        self._odd = pcm[whole:]
        return self._take(self._trimmer.push(np.frombuffer(pcm[:whole], "<i2")))

    def finish(self) -> list[bytes]:
        """Say that nothing follows; give the remaining packets, the last one filled up with silence."""
        packets = self._take(self._trimmer.finish())
        packets += self._packets(self._resampled(None))
        if len(self._rest):
            packets += self._packets(np.zeros(PACKET_SAMPLES - len(self._rest), np.int16))
        return packets + [bytes(packet) for packet in self._codec.encode(None)]

    def _take(self, samples: Samples) -> list[bytes]:
        if not len(samples):
            return []
        block = np.ascontiguousarray(samples[np.newaxis, :])
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate = self._sample_rate
        return self._packets(self._resampled(frame))

    def _resampled(self, frame: av.AudioFrame | None) -> Samples:
        frames = self._resampler.resample(frame)
        return np.concatenate([np.zeros(0, np.int16), *(each.to_ndarray()[0] for each in frames)])

    def _packets(self, samples: Samples) -> list[bytes]:
        samples = np.concatenate((self._rest, samples))
        whole = len(samples) // PACKET_SAMPLES * PACKET_SAMPLES
        self._rest = samples[whole:]
        packets: list[bytes] = []
        for block in samples[:whole].reshape(-1, 1, PACKET_SAMPLES):
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            packets += (bytes(packet) for packet in self._codec.encode(frame))
        return packets


def _open(bit_rate: int) -> AudioCodecContext:
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)  # noqa: S101 - what libopus is, for the type checker
    codec.sample_rate = SAMPLE_RATE
    codec.layout = "mono"
    codec.format = "s16"
    codec.bit_rate = bit_rate
    codec.time_base = Fraction(1, SAMPLE_RATE)
    codec.options = {
        "application": "voip",
        "frame_duration": "20",
        "vbr": "on",
        # In-band FEC is only put in when loss is expected.
        "fec": "1",
        "packet_loss": "10",
        # Half the CPU of the default 10, no audible difference for speech.
        "compression_level": "5",
    }
    codec.open()
    return codec
