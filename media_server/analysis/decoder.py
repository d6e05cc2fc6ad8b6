"""Opus packets to 16 kHz sound without holes or overlaps in time."""

from collections import deque
from typing import NamedTuple

from prometheus_client import Counter

from media_server.analysis import AnalysisError
from media_server.analysis.codec import Codec, new_codec
from media_server.opus import recoverable
from media_server.packet import CLOCK_RATE, AudioPacket
from pipeline.messages.audio_chunk import SAMPLE_RATE

RATIO = CLOCK_RATE // SAMPLE_RATE
"""Ticks of the packets' clock for one sample."""
MAX_GAP = SAMPLE_RATE
"""Samples (1 s). A longer step in the source's time is not filled: what comes behind it stands for itself."""
MAX_CONCEALED = SAMPLE_RATE // 10
"""Samples (100 ms) for which libopus goes on with the last sound (it fades within this time); silence follows."""
BAD_WINDOW = 2.0
"""Seconds over which corrupt packets are weighed up."""

CORRUPT = Counter("parley_analysis_packets_corrupt", "Packets that libopus refused; they were concealed.")
CONCEALED = Counter("parley_analysis_concealed_seconds", "Sound made up in place of packets that did not come.")
RECOVERED = Counter(
    "parley_analysis_recovered_seconds", "Sound of packets that did not come, from the copy in the next one (FEC)."
)


class Decoded(NamedTuple):
    """A packet's sound, and before it what fills the time since the one before."""

    # 16 kHz mono s16le.
    pcm: bytes
    # The source's time jumped: this sound does not follow on what was decoded before.
    skipped: bool


class Decoder:
    """Decodes one speaker's packets, which come in order. Stateful.

    A packet's timestamp says where its sound belongs. Time without packets becomes silence (DTX); where packets were
    lost or corrupt, the last of them is recovered from the next packet if that holds a copy of it, and up to 100 ms of
    the others is concealed.
    """

    def __init__(self, codec: Codec | None = None) -> None:
        self._codec = codec or new_codec()
        # The packet due next, if nothing is missing; None when the next one is a first one.
        self._next_number: int | None = None
        self._next_timestamp = 0
        # Whether there was a good packet yet, on which concealment could go on.
        self._heard = False
        self._health = Health()

    def decode(self, packet: AudioPacket) -> Decoded:
        """Decode one packet. A corrupt one gives no sound; the next good one makes up for its time.

        Raises:
            AnalysisError: more than half of the packets of the last 2 s were corrupt.
        """
        payload = packet.payload
        gap = _signed(packet.timestamp - self._next_timestamp) // RATIO
        follows = self._next_number is not None and 0 <= gap <= MAX_GAP
        lost = packet.sequence_number != self._next_number
        before = self._fill(gap, lost, payload) if follows and gap else b""
        sound = self._codec.decode(payload) if payload else b""
        self._health.note(packet.arrived, good=bool(sound))
        self._next_timestamp = packet.timestamp + len(sound) // 2 * RATIO & 0xFFFFFFFF
        if sound:
            self._heard = True
            self._next_number = packet.sequence_number + 1 & 0xFFFF
        else:
            # As if it had been lost: the next good packet's number is not the one expected.
            CORRUPT.inc()
            self._next_number = packet.sequence_number
        return Decoded(before + sound if before else sound, skipped=not follows)

    @property
    def due_timestamp(self) -> int:
        """Where the sound of a packet begins that follows without a hole, by the packets' clock."""
        return self._next_timestamp

    def restart(self) -> None:
        """Take the next packet for a first one: the time before it is not filled."""
        self._next_number = None

    def _fill(self, gap: int, lost: bool, behind: bytes) -> bytes:
        """Sound for so many samples: where packets were lost, concealment and what is known of the last; or silence."""
        if not lost or not self._heard:
            return bytes(gap * 2)
        copied = recoverable(behind) // RATIO
        if copied > gap:
            copied = 0
        concealed = self._codec.conceal(min(gap - copied, MAX_CONCEALED))
        copy = self._codec.recover(behind, copied) if copied else b""
        CONCEALED.inc(gap / SAMPLE_RATE - copied / SAMPLE_RATE)
        RECOVERED.inc(copied / SAMPLE_RATE)
        return concealed + bytes(gap * 2 - len(concealed) - len(copy)) + copy


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


def _signed(difference: int) -> int:
    """Wrap a difference of two 32-bit timestamps to a signed number."""
    return (difference + 0x80000000 & 0xFFFFFFFF) - 0x80000000
