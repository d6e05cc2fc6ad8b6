"""The system's libopus, called directly (libopus0 in Debian): a third of the cost of FFmpeg's, and it reads FEC.

It decodes to 16 kHz by itself, so that nothing need be resampled, and gives what FFmpeg's wrapper hides: concealment of
any length, and the copy of a lost packet in the one behind it.
"""

from media_server.libopus import ffi, required
from pipeline.messages.audio_chunk import SAMPLE_RATE

MOST_SAMPLES = SAMPLE_RATE * 120 // 1000
"""The longest packet, and the most that is made up in one call (RFC 6716 section 3.1: 120 ms)."""
STEP = SAMPLE_RATE * 5 // 2000
"""What is made up comes in multiples of 2.5 ms."""


class LibopusCodec:
    """A `Codec`. Stereo is mixed down by libopus itself, which is cheaper than to decode both sides."""

    def __init__(self) -> None:
        """Make it (20 kB).

        Raises:
            RuntimeError: the system has no libopus.
            MemoryError: there is no memory for it.
        """
        lib = required()
        decoder = lib.opus_decoder_create(SAMPLE_RATE, 1, ffi.NULL)
        if decoder == ffi.NULL:
            raise MemoryError("libopus could not make a decoder")
        self._decoder = ffi.gc(decoder, lib.opus_decoder_destroy)
        self._opus_decode = lib.opus_decode
        self._samples = ffi.new("int16_t[]", MOST_SAMPLES)
        self._bytes = ffi.buffer(self._samples)

    def decode(self, payload: bytes) -> bytes:
        count = self._opus_decode(self._decoder, payload, len(payload), self._samples, MOST_SAMPLES, 0)
        return self._bytes[: count * 2] if count > 0 else b""

    def conceal(self, samples: int) -> bytes:
        samples = min(samples, MOST_SAMPLES) // STEP * STEP
        if not samples:
            return b""
        count = self._opus_decode(self._decoder, ffi.NULL, 0, self._samples, samples, 0)
        return self._bytes[: count * 2] if count > 0 else b""

    def recover(self, payload: bytes, samples: int) -> bytes:
        count = self._opus_decode(self._decoder, payload, len(payload), self._samples, samples, 1)
        return self._bytes[: count * 2] if count > 0 else self.conceal(samples)
