"""FFmpeg's libopus (in PyAV's wheel) and resampler: for systems without a libopus of their own."""

import av
from av.audio.frame import AudioFrame

from media_server.analysis.resampler import Resampler
from media_server.opus import frame_samples
from media_server.packet import CLOCK_RATE
from pipeline.messages.audio_chunk import SAMPLE_RATE


class FfmpegCodec:
    """A `Codec` without FEC, which FFmpeg does not give. All sound is 1 ms late: the resampler's own delay.

    FFmpeg has no call for a lost packet either, but a packet of nothing but its first byte makes libopus conceal one
    frame (RFC 6716 section 3.2.1: a frame of no bytes is lost or DTX).
    """

    def __init__(self) -> None:
        # libopus mixes stereo down itself, which is cheaper than to decode both sides.
        self._codec = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = CLOCK_RATE
        self._codec.layout = "mono"
        self._resampler = Resampler()
        # How the last good packet was coded (RFC 6716 section 3.1), as a packet of one frame; None before it.
        self._toc: int | None = None

    def decode(self, payload: bytes) -> bytes:
        try:
            sound: list[AudioFrame] = self._codec.decode(av.Packet(payload))
        except av.FFmpegError:
            return b""
        if sound:
            self._toc = payload[0] & 0xFC
        return self._resampler.resample(sound) if sound else b""

    def conceal(self, samples: int) -> bytes:
        if self._toc is None:
            return b""
        frame = frame_samples(self._toc) * SAMPLE_RATE // CLOCK_RATE
        return b"".join(self.decode(bytes((self._toc,))) for _ in range(samples // frame))

    def recover(self, payload: bytes, samples: int) -> bytes:  # noqa: ARG002 - FFmpeg cannot look into it
        return self.conceal(samples)
