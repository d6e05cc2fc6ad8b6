"""The system's libopus, loaded once for decoders and encoders (opus.h, opus_defines.h)."""

from functools import cache
from typing import Any

from cffi import FFI

NAMES = ("libopus.so.0", "libopus.0.dylib", "opus.dll")
"""What the system may call it."""

ffi = FFI()
ffi.cdef(
    """
    typedef struct OpusDecoder OpusDecoder;
    OpusDecoder *opus_decoder_create(int32_t sample_rate, int channels, int *error);
    void opus_decoder_destroy(OpusDecoder *decoder);
    int opus_decode(OpusDecoder *decoder, const char *data, int32_t length, int16_t *pcm, int samples, int fec);

    typedef struct OpusEncoder OpusEncoder;
    OpusEncoder *opus_encoder_create(int32_t sample_rate, int channels, int application, int *error);
    void opus_encoder_destroy(OpusEncoder *encoder);
    int opus_encoder_ctl(OpusEncoder *encoder, int request, ...);
    int32_t opus_encode(OpusEncoder *encoder, const char *pcm, int samples, char *data, int32_t most);
    """
)


@cache
def library() -> Any:
    """Load it; None if this system has none."""
    for name in NAMES:
        try:
            return ffi.dlopen(name)
        except OSError:
            continue
    return None


def required() -> Any:
    """Load it.

    Raises:
        RuntimeError: the system has no libopus.
    """
    lib = library()
    if lib is None:
        raise RuntimeError("this system has no libopus")
    return lib
