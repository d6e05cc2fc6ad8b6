"""Opus packets to 16 kHz sound without holes or overlaps in time."""

from collections import deque
from typing import NamedTuple

import av
from av.audio.frame import AudioFrame
from prometheus_client import Counter

from media_server.analysis import AnalysisError
from media_server.analysis.resampler import Resampler
from media_server.packet import CLOCK_RATE, AudioPacket

MAX_GAP = CLOCK_RATE
"""Samples at 48 kHz. A longer step in the source's time is not filled: what comes behind it stands for itself."""
MAX_CONCEALED = CLOCK_RATE // 10
"""Samples at 48 kHz for which libopus goes on with the last sound (it fades within this time); silence follows."""
BAD_WINDOW = 2.0
"""Seconds over which corrupt packets are weighed up."""

CORRUPT = Counter("parley_analysis_packets_corrupt", "Packets that libopus refused; they were concealed.")
CONCEALED = Counter("parley_analysis_concealed_seconds", "Sound made up in place of packets that did not come.")


class Decoded(NamedTuple):
    """A packet's sound, and before it what fills the time since the one before."""

    # 16 kHz mono s16le.
    pcm: bytes
    # The source's time jumped: this sound does not follow on what was decoded before.
    skipped: bool


class Decoder:
    """Decodes one speaker's packets, which come in order, through PyAV's libopus and resampler. Stateful.

    A packet's timestamp says where its sound belongs. Time without packets becomes silence (DTX); where packets were
    lost or corrupt, libopus conceals the first 100 ms. All sound is 1 ms late: the resampler's own delay.
    """

    def __init__(self) -> None:
        # libopus mixes stereo down itself, which is cheaper than to decode both sides.
        self._codec = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = CLOCK_RATE
        self._codec.layout = "mono"
        self._resampler = Resampler()
        # The packet due next, if nothing is missing; None when the next one is a first one.
        self._next_number: int | None = None
        self._next_timestamp = 0
        # How the last good packet was coded (RFC 6716 section 3.1); None before it.
        self._toc: int | None = None
        self._health = Health()

    def decode(self, packet: AudioPacket) -> Decoded:
        """Decode one packet. A corrupt one gives no sound; the next good one makes up for its time.

        Raises:
            AnalysisError: more than half of the packets of the last 2 s were corrupt.
        """
        gap = _signed(packet.timestamp - self._next_timestamp)
        follows = self._next_number is not None and 0 <= gap <= MAX_GAP
        lost = packet.sequence_number != self._next_number
        frames = self._fill(gap, lost) if follows and gap else []
        sound = self._decode(packet.payload)
        self._health.note(packet.arrived, good=bool(sound))
        samples = sum(frame.samples for frame in sound)
        self._next_timestamp = packet.timestamp + samples & 0xFFFFFFFF
        if sound:
            self._toc = packet.payload[0]
            self._next_number = packet.sequence_number + 1 & 0xFFFF
        else:
            # As if it had been lost: the next good packet's number is not the one expected.
            CORRUPT.inc()
            self._next_number = packet.sequence_number
        return Decoded(self._resampler.resample([*frames, *sound]), skipped=not follows)

    def restart(self) -> None:
        """Take the next packet for a first one: the time before it is not filled."""
        self._next_number = None

    def _decode(self, payload: bytes) -> list[AudioFrame]:
        """Decode; nothing if it is corrupt. (FFmpeg would take an empty packet for the end of the stream.)"""
        try:
            return self._codec.decode(av.Packet(payload)) if payload else []
        except av.FFmpegError:
            return []

    def _fill(self, gap: int, lost: bool) -> list[AudioFrame]:
        """Sound for this many samples: concealment where packets were lost, then silence."""
        frames: list[AudioFrame] = []
        left = gap
        if lost and self._toc is not None:
            CONCEALED.inc(gap / CLOCK_RATE)
            # A packet of nothing but its first byte, with one frame, makes libopus conceal one frame.
            toc = self._toc & 0xFC
            duration = frame_samples(toc)
            while left >= duration and gap - left < MAX_CONCEALED:
                frames += self._decode(bytes((toc,)))
                left -= duration
        if left:
            frames.append(_silence(left))
        return frames


class Health:
    """How many of the last packets could be decoded."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, bool]] = deque()
        self._bad = 0
        self._since: float | None = None

    def note(self, now: float, *, good: bool) -> None:
        """Take note of one packet.

        Raises:
            AnalysisError: for 2 s, more than half of them were bad.
        """
        if self._since is None:
            self._since = now
        self._notes.append((now, good))
        self._bad += not good
        while self._notes[0][0] < now - BAD_WINDOW:
            self._bad -= not self._notes.popleft()[1]
        if self._bad * 2 > len(self._notes) and now - self._since >= BAD_WINDOW:
            raise AnalysisError(f"{self._bad} of {len(self._notes)} packets of the last {BAD_WINDOW:.0f} s are corrupt")


def frame_samples(toc: int) -> int:
    """How many samples at 48 kHz a frame coded like this lasts (RFC 6716 table 2)."""
    configuration = toc >> 3
    if configuration < 12:
        return (480, 960, 1920, 2880)[configuration & 3]
    if configuration < 16:
        return (480, 960)[configuration & 1]
    return (120, 240, 480, 960)[configuration & 3]


def _silence(samples: int) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="mono", samples=samples)
    frame.sample_rate = CLOCK_RATE
    plane = frame.planes[0]
    plane.update(bytes(plane.buffer_size))
    return frame


def _signed(difference: int) -> int:
    """Wrap a difference of two 32-bit timestamps to a signed number."""
    return (difference + 0x80000000 & 0xFFFFFFFF) - 0x80000000
