"""The system's libopus, called directly (libopus0 in Debian): a third of the cost of FFmpeg's, and it reads FEC.

It decodes to 16 kHz by itself, so that nothing need be resampled, and gives what FFmpeg's wrapper hides: concealment of
any length, and the copy of a lost packet in the one behind it.
"""

from functools import cache
from typing import Any

from cffi import FFI

from pipeline.messages.audio_chunk import SAMPLE_RATE

NAMES = ("libopus.so.0", "libopus.0.dylib", "opus.dll")
"""What the system may call it."""
MOST_SAMPLES = SAMPLE_RATE * 120 // 1000
"""The longest packet, and the most that is made up in one call (RFC 6716 section 3.1: 120 ms)."""
STEP = SAMPLE_RATE * 5 // 2000
"""What is made up comes in multiples of 2.5 ms."""

_ffi = FFI()
_ffi.cdef(
    """
    typedef struct OpusDecoder OpusDecoder;
    OpusDecoder *opus_decoder_create(int32_t sample_rate, int channels, int *error);
    void opus_decoder_destroy(OpusDecoder *decoder);
    int opus_decode(OpusDecoder *decoder, const char *data, int32_t length, int16_t *pcm, int samples, int fec);
    """
)


@cache
def library() -> Any:
    """Load it; None if this system has none."""
    for name in NAMES:
        try:
            return _ffi.dlopen(name)
        except OSError:
            continue
    return None


class LibopusCodec:
    """A `Codec`. Stereo is mixed down by libopus itself, which is cheaper than to decode both sides."""

    def __init__(self) -> None:
        """Make it (20 kB).

        Raises:
            RuntimeError: the system has no libopus.
            MemoryError: there is no memory for it.
        """
        lib = library()
        if lib is None:
            raise RuntimeError("this system has no libopus")
        decoder = lib.opus_decoder_create(SAMPLE_RATE, 1, _ffi.NULL)
        if decoder == _ffi.NULL:
            raise MemoryError("libopus could not make a decoder")
        self._decoder = _ffi.gc(decoder, lib.opus_decoder_destroy)
        self._opus_decode = lib.opus_decode
        self._samples = _ffi.new("int16_t[]", MOST_SAMPLES)
        self._bytes = _ffi.buffer(self._samples)

    def decode(self, payload: bytes) -> bytes:
        count = self._opus_decode(self._decoder, payload, len(payload), self._samples, MOST_SAMPLES, 0)
        return self._bytes[: count * 2] if count > 0 else b""

    def conceal(self, samples: int) -> bytes:
        samples = min(samples, MOST_SAMPLES) // STEP * STEP
        if not samples:
            return b""
        count = self._opus_decode(self._decoder, _ffi.NULL, 0, self._samples, samples, 0)
        return self._bytes[: count * 2] if count > 0 else b""

    def recover(self, payload: bytes, samples: int) -> bytes:
        count = self._opus_decode(self._decoder, payload, len(payload), self._samples, samples, 1)
        return self._bytes[: count * 2] if count > 0 else self.conceal(samples)
