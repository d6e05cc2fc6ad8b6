"""What a browser sends: RTP in, AudioPackets out. Nothing is decoded, nothing waits."""

from collections.abc import Callable

import structlog
from prometheus_client import Counter

from media_server.packet import CLOCK_RATE, AudioPacket
from media_server.rtc import rtp
from media_server.rtc.missing import Missing
from media_server.rtc.reception import Reception

# Seconds without a packet after which another SSRC may take over: a browser that changes its microphone stops the one
# before it begins the other.
_TAKEOVER = 0.2

_dropped = Counter("parley_rtc_rtp_dropped_total", "RTP packets from browsers that were of no use", ["reason"])
_malformed = _dropped.labels("malformed")
_foreign = _dropped.labels("payload_type")
_second_source = _dropped.labels("second_source")
_faults = Counter(
    "parley_rtc_packet_faults_total", "Microphone packets lost because their consumer raised an exception"
)

_log = structlog.get_logger(__name__)


class Microphone:
    """One browser's microphone m-line.

    Sequence numbers and timestamps are the browser's own. Should it go over to another SSRC, they go on where they
    were, so that to everybody else it stays one source.
    """

    def __init__(
        self,
        *,
        payload_type: int,
        level_extension: int | None,
        max_sources: int,
        on_too_many: Callable[[], None],
        peer_id: int,
    ) -> None:
        self._payload_type = payload_type
        self._level_extension = level_extension
        self._max_sources = max_sources
        self._on_too_many = on_too_many
        self._peer_id = peer_id
        self._sources: set[int] = set()
        self._complained = False
        # Added to the numbers of an SSRC that took over.
        self._sequence_shift = 0
        self._time_shift = 0
        # The newest packet given on, as numbered there.
        self._newest: AudioPacket | None = None
        # How well the present SSRC is received; None before the first packet.
        self.reception: Reception | None = None
        # What did not come of the present SSRC.
        self.missing = Missing()
        self.on_packet: Callable[[AudioPacket], None] = _ignore
        # Called when a packet shows that others before it are missing.
        self.on_missing: Callable[[], None] = _do_nothing

    def take(self, data: bytes, now: float) -> None:
        """Take a decrypted packet that came at loop time `now`. Raises nothing."""
        try:
            received = rtp.parse(data, self._level_extension)
        except ValueError:
            _malformed.inc()
            return
        if received.payload_type != self._payload_type or not received.payload:
            _foreign.inc()
            return
        reception = self.reception
        if reception is None or received.ssrc != reception.ssrc:
            reception = self._change(received, now)
            if reception is None:
                return
        reception.add(received.sequence_number, received.timestamp, now)
        packet = AudioPacket(
            (received.sequence_number + self._sequence_shift) & 0xFFFF,
            (received.timestamp + self._time_shift) & 0xFFFFFFFF,
            received.payload,
            received.level,
            received.voice,
            now,
        )
        if self._newest is None or not _is_late(packet, self._newest):
            self._newest = packet
        try:
            self.on_packet(packet)
        except Exception:
            self._failed()
        if self.missing.came(received.sequence_number, now):
            self.on_missing()

    def _change(self, received: rtp.Received, now: float) -> Reception | None:
        """Go over to another SSRC; None if it must not be."""
        if received.ssrc not in self._sources:
            if len(self._sources) >= self._max_sources:
                self._on_too_many()
                return None
            self._sources.add(received.ssrc)
        newest = self._newest
        if newest is not None:
            if now - newest.arrived < _TAKEOVER:
                _second_source.inc()
                return None
            elapsed = int((now - newest.arrived) * CLOCK_RATE)
            self._sequence_shift = newest.sequence_number + 1 - received.sequence_number
            self._time_shift = newest.timestamp + elapsed - received.timestamp
        self.missing = Missing()
        self.reception = Reception(received.ssrc)
        return self.reception

    def _failed(self) -> None:
        """Count a consumer's fault, which costs its packet, and log each peer's first."""
        _faults.inc()
        if not self._complained:
            self._complained = True
            _log.exception("packet_failed", peer=self._peer_id)


def _is_late(packet: AudioPacket, newest: AudioPacket) -> bool:
    return 0 < (newest.sequence_number - packet.sequence_number) & 0xFFFF <= rtp.MAX_MISORDER


def _ignore(packet: AudioPacket) -> None:
    """Until somebody listens."""


def _do_nothing() -> None:
    """Until somebody listens."""
