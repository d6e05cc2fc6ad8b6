"""16 kHz sound to Opus, for those who hear a participant without WebRTC as they are."""

from fractions import Fraction
from typing import Protocol

import av
from av.audio.codeccontext import AudioCodecContext

from media_server.libopus import ffi, library, required
from pipeline.messages.audio_chunk import BYTES_PER_MS, SAMPLE_RATE

FRAME_MS = 20
FRAME_BYTES = FRAME_MS * BYTES_PER_MS
FRAME_SAMPLES = FRAME_BYTES // 2
BIT_RATE = 28_000
"""Speech at 16 kHz is transparent from about 24 kbit/s on."""
COMPLEXITY = 5
"""Of 10: what Chromium takes on small machines; half the work of the most, hardly less good for speech."""
EXPECTED_LOSS = 5
"""Percent; with it the encoder puts a copy of each frame into the next one (FEC)."""
MOST_BYTES = 1_275
"""Of a frame (RFC 6716 section 3.2.1)."""

# opus_defines.h
_VOIP = 2048
_SET_BITRATE, _SET_COMPLEXITY, _SET_FEC, _SET_LOSS = 4002, 4010, 4012, 4014


class Encoder(Protocol):
    """One speaker's encoder. Stateful: frames come in order."""

    def encode(self, pcm: bytes) -> bytes:
        """Encode 20 ms of 16 kHz mono s16le to one packet; b"" if it cannot be."""
        ...


def new_encoder() -> Encoder:
    """Make the better one for one speaker: the system's libopus, or where there is none, FFmpeg's."""
    return LibopusEncoder() if library() is not None else FfmpegEncoder()


class LibopusEncoder:
    """An `Encoder` by the system's libopus."""

    def __init__(self) -> None:
        """Make it (some 20 kB).

        Raises:
            RuntimeError: the system has no libopus.
            MemoryError: there is no memory for it.
        """
        lib = required()
        encoder = lib.opus_encoder_create(SAMPLE_RATE, 1, _VOIP, ffi.NULL)
        if encoder == ffi.NULL:
            raise MemoryError("libopus could not make an encoder")
        self._encoder = ffi.gc(encoder, lib.opus_encoder_destroy)
        self._opus_encode = lib.opus_encode
        for request, value in (
            (_SET_BITRATE, BIT_RATE),
            (_SET_COMPLEXITY, COMPLEXITY),
            (_SET_FEC, 1),
            (_SET_LOSS, EXPECTED_LOSS),
        ):
            lib.opus_encoder_ctl(self._encoder, request, ffi.cast("int32_t", value))
        self._data = ffi.new("char[]", MOST_BYTES)
        self._bytes = ffi.buffer(self._data)

    def encode(self, pcm: bytes) -> bytes:
        count = self._opus_encode(self._encoder, pcm, FRAME_SAMPLES, self._data, MOST_BYTES)
        return self._bytes[:count] if count > 0 else b""


class FfmpegEncoder:
    """An `Encoder` by the libopus in PyAV's wheel."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)  # noqa: S101 - what libopus is, for the type checker
        codec.sample_rate, codec.layout, codec.format = SAMPLE_RATE, "mono", "s16"
        codec.bit_rate = BIT_RATE
        codec.time_base = Fraction(1, SAMPLE_RATE)
        codec.options = {
            "application": "voip",
            "frame_duration": str(FRAME_MS),
            "compression_level": str(COMPLEXITY),
            "fec": "1",
            "packet_loss": str(EXPECTED_LOSS),
        }
        self._codec = codec
        self._position = 0

    def encode(self, pcm: bytes) -> bytes:
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, self._position, Fraction(1, SAMPLE_RATE)
        self._position += FRAME_SAMPLES
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))
