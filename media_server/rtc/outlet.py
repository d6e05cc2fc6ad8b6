"""The sending end of one slot: payloads go from their source to one browser's SRTP session, untouched."""

import secrets
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from prometheus_client import Counter

from media_server.packet import AudioPacket
from media_server.peer import Sent, outlet_failed
from media_server.rtc import rtcp, rtp
from media_server.rtc.losses import Losses
from media_server.rtc.rewriter import Rewriter, Rewritten

HISTORY = 64
"""Packets of a slot that can be sent again: 1.28 s of 20 ms each; beyond that nobody waits for one any more."""

MAX_RESENDS = 3
"""How often one packet is sent again."""

_resent = Counter("parley_rtc_packets_resent_total", "Packets sent again because a browser missed them (NACK)")


class RtpSink(Protocol):
    """Where packets go out."""

    # Whether anything can be sent now.
    is_open: bool

    def send_rtp(self, header: rtp.Header, rest: bytes) -> bool:
        """Encrypt, and send with the next `flush`. Never raises; False if it will not go out.

        `rest` is what follows the fixed header: a header extension if the header says so, and the payload.
        """
        ...

    def flush(self) -> None:
        """Let everything leave that was to be sent."""


class RtcOutlet:
    """An `Outlet` on one outgoing m-line.

    Packets say in a header extension which m-line they are of (RFC 9143 section 9.2) until the browser's first report
    about them shows that it knows. The last `HISTORY` of them are kept to be sent again; the oldest makes room.
    """

    def __init__(
        self,
        mid: str,
        *,
        ssrc: int,
        payload_type: int,
        mid_extension: int | None,
        sink: RtpSink,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mid = mid
        self.ssrc = ssrc
        self._payload_type = payload_type
        self._extension = rtp.mid_extension(mid_extension, mid) if mid_extension else b""
        self._sink = sink
        self._clock = clock
        # In the lower half, so that it does not wrap around while SRTP's index is still being guessed.
        self._rewriter = Rewriter(sequence_number=secrets.randbelow(0x8000), timestamp=secrets.randbits(32))
        # What went out, by its number modulo the length, and how often it was sent again.
        self._history: list[tuple[rtp.Header, bytes] | None] = [None] * HISTORY
        self._resends = bytearray(HISTORY)
        # For sender reports: packets and payload bytes that went out.
        self.packets = 0
        self.octets = 0
        # The browser's last report about this slot, None before the first, and when it came.
        self.report: rtcp.Report | None = None
        self.reported_at = 0.0
        # How much it has lost lately.
        self.losses = Losses()

    @property
    def sent(self) -> Sent:
        sees = self.packets and self._sink.is_open
        return Sent(self.packets, self.octets, self._rewriter.timestamp if sees else None)

    def forward(self, source: str, packet: AudioPacket) -> None:
        if not self._sink.is_open:
            return
        rewritten = self._rewriter.rewrite(source, packet, self._clock())
        if rewritten is not None:
            self._send(rewritten)

    def rest(self) -> None:
        try:
            rewritten = self._rewriter.rest(self._clock())
            if rewritten is not None:
                self._send(rewritten)
        except Exception:  # in the middle of giving slots to others: see the promise of `Outlet`
            outlet_failed(self)

    def flush(self) -> None:
        self._sink.flush()

    def retransmit(self, sequence_numbers: Iterable[int]) -> None:
        """Send again what the browser missed (RFC 4585 section 6.2.1), as far as it is kept and was not too often.

        The same bytes again, header extension included: two packets of one number must not differ under SRTP.
        """
        for number in sequence_numbers:
            at = number % HISTORY
            kept = self._history[at]
            if kept is None or kept[0][2] != number or self._resends[at] >= MAX_RESENDS:
                continue
            self._resends[at] += 1
            if self._sink.send_rtp(*kept):
                _resent.inc()
        self._sink.flush()

    def heard(self, report: rtcp.Report) -> None:
        """Take what the browser reports about this slot."""
        now = self._clock()
        self.losses.total((report.highest & 0xFFFFFFFF) + 1, report.lost, now)
        self.report, self.reported_at = report, now
        self._extension = b""

    def sender_info(self, now: float, unix_seconds: float) -> rtcp.SenderInfo | None:
        """For a sender report at loop time `now`; None if nothing was sent yet."""
        if not self.packets:
            return None
        timestamp = self._rewriter.clock_at(now)
        return rtcp.SenderInfo(self.ssrc, rtcp.ntp(unix_seconds), timestamp, self.packets, self.octets)

    def _send(self, rewritten: Rewritten) -> None:
        number, timestamp, marker, payload = rewritten
        payload_type = self._payload_type | 0x80 if marker else self._payload_type
        extension = self._extension
        if extension:
            header, rest = (0x90, payload_type, number, timestamp, self.ssrc), extension + payload
        else:
            header, rest = (0x80, payload_type, number, timestamp, self.ssrc), payload
        if self._sink.send_rtp(header, rest):
            at = number % HISTORY
            self._history[at] = (header, rest)
            self._resends[at] = 0
            self.packets += 1
            self.octets += len(payload)
