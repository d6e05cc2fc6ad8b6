"""The sending end of one slot: payloads go from their source to one browser's SRTP session, untouched."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from prometheus_client import Counter

from media_server.packet import AudioPacket
from media_server.peer import FanFactory, Sent, outlet_failed
from media_server.recent import LENGTH as HISTORY
from media_server.recent import Recent
from media_server.rtc import rtcp, rtp
from media_server.rtc.losses import Losses
from media_server.rtc.native import Struct, ffi
from media_server.rtc.rewriter import Rewriter, Rewritten, Spurt

MAX_RESENDS = 3
"""How often one packet is sent again."""

_resent = Counter("parley_rtc_packets_resent_total", "Packets sent again because a browser missed them (NACK)")


class RtpSink(Protocol):
    """Where packets go out."""

    # Whether anything can be sent now.
    is_open: bool
    # The same for lanes.c, as a `struct route *`; None where it has no part in it.
    route: Struct | None

    def send_rtp(self, header: rtp.Header, rest: bytes) -> bool:
        """Encrypt, and send with the next `flush`. Never raises; False if it will not go out.

        `rest` is what follows the fixed header: a header extension if the header says so, and the payload.
        """
        ...

    def flush(self) -> None:
        """Let everything leave that was to be sent."""

    def flush_soon(self) -> None:
        """See to it that what lanes.c has made ready leaves."""

    def failed(self, packets: int) -> None:
        """Count packets that lanes.c could not encrypt."""


class _Carried(NamedTuple):
    """A stretch of the slot's stream which its source's packets were numbered into, from one of its numbers on."""

    first: int
    spurt: Spurt
    # What its packets have between header and payload.
    extension: bytes
    # Where its source keeps them; None if it does not.
    recent: Recent | None


class RtcOutlet:
    """An `Outlet` on one outgoing m-line.

    Packets say in a header extension which m-line they are of (RFC 9143 section 9.2) until the browser's first report
    about them shows that it knows. The last `HISTORY` of them can be sent again: those that went out by `forward` are
    kept here, of those that went out by lanes.c it is known where their source keeps them.
    """

    def __init__(
        self,
        mid: str,
        *,
        ssrc: int,
        payload_type: int,
        mid_extension: int | None,
        sink: RtpSink,
        new_fan: FanFactory | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mid = mid
        self.ssrc = ssrc
        self.new_fan = new_fan
        self.sink = sink
        self._clock = clock
        # All that lanes.c needs of it.
        self.lane: Struct = ffi.new("struct lane *", {"ssrc": ssrc, "payload_type": payload_type})
        if sink.route is not None:
            self.lane.route = sink.route
        self._set_extension(rtp.mid_extension(mid_extension, mid) if mid_extension else b"")
        # In the lower half, so that it does not wrap around while SRTP's index is still being guessed.
        self._rewriter = Rewriter(
            sequence_number=secrets.randbelow(0x8000),
            timestamp=secrets.randbits(32),
            stream=ffi.addressof(self.lane, "stream"),
        )
        # What went out by `forward`, by its number modulo the length; and how often a number was sent again.
        self._history: list[tuple[rtp.Header, bytes] | None] = [None] * HISTORY
        self._resends: dict[int, int] = {}
        # What went out otherwise, the newest last.
        self._carried: deque[_Carried] = deque(maxlen=HISTORY)
        # The browser's last report about this slot, None before the first, and when it came.
        self.report: rtcp.Report | None = None
        self.reported_at = 0.0
        # How much it has lost lately.
        self.losses = Losses()

    @property
    def packets(self) -> int:
        """How many went out."""
        return int(self.lane.packets)

    @property
    def octets(self) -> int:
        """How many bytes of payload were in them."""
        return int(self.lane.octets)

    @property
    def sent(self) -> Sent:
        sees = self.packets and self.sink.is_open
        return Sent(self.packets, self.octets, self._rewriter.timestamp if sees else None)

    def forward(self, source: str, packet: AudioPacket) -> None:
        self.carry(source, packet, None)

    def carry(self, source: str, packet: AudioPacket, recent: Recent | None) -> None:
        """Forward, and expect lanes.c to go on from there: what it sends is among the source's `recent` packets."""
        if not self.sink.is_open:
            return
        rewritten = self._rewriter.rewrite(source, packet, self._clock())
        if rewritten is not None:
            self._note_spurt(self._rewriter.sequence_number, recent)
            self._send(rewritten)

    def _note_spurt(self, first: int, recent: Recent | None) -> None:
        """Remember how the source's packets are numbered from this number on, if that is news."""
        spurt = self._rewriter.spurt
        newest = self._carried[-1] if self._carried else None
        if spurt is not None and (newest is None or newest[1:] != (spurt, self._extension, recent)):
            self._carried.append(_Carried(first & 0xFFFF, spurt, self._extension, recent))

    def rest(self) -> None:
        try:
            rewritten = self._rewriter.rest(self._clock())
            if rewritten is not None:
                self._send(rewritten)
        except Exception:  # in the middle of giving slots to others: see the promise of `Outlet`
            outlet_failed(self)

    def flush(self) -> None:
        self.sink.flush()

    def retransmit(self, sequence_numbers: Iterable[int]) -> None:
        """Send again what the browser missed (RFC 4585 section 6.2.1), as far as it is kept and was not too often.

        The same bytes again, header extension included: two packets of one number must not differ under SRTP.
        """
        for number in sequence_numbers:
            kept = self._kept(number)
            if kept is None or self._resends.get(number, 0) >= MAX_RESENDS:
                continue
            # Of those that can be asked for: the others' counts are of no use any more.
            self._resends = {other: times for other, times in self._resends.items() if self._is_recent(other)}
            self._resends[number] = self._resends.get(number, 0) + 1
            if self.sink.send_rtp(*kept):
                _resent.inc()
        self.sink.flush()

    def _is_recent(self, number: int) -> bool:
        return (self._rewriter.sequence_number - number) & 0xFFFF < HISTORY

    def _kept(self, number: int) -> tuple[rtp.Header, bytes] | None:
        """Find a packet of the slot's stream; None if it was not sent, or too long ago."""
        if not self._is_recent(number):
            return None
        kept = self._history[number % HISTORY]
        if kept is not None and kept[0][2] == number:
            return kept
        for carried in reversed(self._carried):
            if (number - carried.first) & 0xFFFF < 0x8000:
                source, sequence_offset, time_offset = carried.spurt
                recent = carried.recent
                packet = recent.find(source, (number - sequence_offset) & 0xFFFF) if recent is not None else None
                if packet is None:
                    return None
                timestamp = (packet.timestamp + time_offset) & 0xFFFFFFFF
                return self._packet(number, timestamp, False, carried.extension, packet.payload)
        return None

    def heard(self, report: rtcp.Report) -> None:
        """Take what the browser reports about this slot."""
        now = self._clock()
        self.losses.total((report.highest & 0xFFFFFFFF) + 1, report.lost, now)
        self.report, self.reported_at = report, now
        if self._extension:
            self._set_extension(b"")
            if self._carried:
                self._note_spurt(self._rewriter.sequence_number + 1, self._carried[-1].recent)

    def _set_extension(self, extension: bytes) -> None:
        self._extension = extension
        self.lane.extension_size = len(extension)
        self.lane.extension = extension.ljust(ffi.sizeof(self.lane.extension), b"\0")

    def sender_info(self, now: float, unix_seconds: float) -> rtcp.SenderInfo | None:
        """For a sender report at loop time `now`; None if nothing was sent yet."""
        if not self.packets:
            return None
        timestamp = self._rewriter.clock_at(now)
        return rtcp.SenderInfo(self.ssrc, rtcp.ntp(unix_seconds), timestamp, self.packets, self.octets)

    def _send(self, rewritten: Rewritten) -> None:
        number, timestamp, marker, payload = rewritten
        header, rest = self._packet(number, timestamp, marker, self._extension, payload)
        if self.sink.send_rtp(header, rest):
            self._history[number % HISTORY] = (header, rest)
            self.lane.packets += 1
            self.lane.octets += len(payload)

    def _packet(
        self, number: int, timestamp: int, marker: bool, extension: bytes, payload: bytes
    ) -> tuple[rtp.Header, bytes]:
        payload_type = self.lane.payload_type | (0x80 if marker else 0)
        return (0x90 if extension else 0x80, payload_type, number, timestamp, self.ssrc), extension + payload
