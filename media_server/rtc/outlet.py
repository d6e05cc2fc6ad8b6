"""The sending end of one slot: payloads go from their source to one browser's SRTP session, untouched."""

import secrets
import time
from collections.abc import Callable
from typing import Protocol

from media_server.packet import CLOCK_RATE, AudioPacket
from media_server.rtc import rtcp, rtp
from media_server.rtc.rewriter import Rewriter, Rewritten


class RtpSink(Protocol):
    """Where packets go out."""

    # Whether anything can be sent now.
    is_open: bool

    def send_rtp(self, packet: bytes) -> bool:
        """Encrypt and send. Never raises; False if it did not go out."""
        ...


class RtcOutlet:
    """An `Outlet` on one outgoing m-line.

    Packets say in a header extension which m-line they are of (RFC 9143 section 9.2) until the browser's first report
    about them shows that it knows. What goes out is not kept: answers to NACK would come from a history of the last
    second's `Rewritten` packets, to be kept where `_send` ends.
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
        # For sender reports: packets and payload bytes that went out, and a timestamp with its moment.
        self.packets = 0
        self.octets = 0
        self._sent_timestamp = 0
        self._sent_at = 0.0
        # The browser's last report about this slot, None before the first.
        self.report: rtcp.Report | None = None

    def forward(self, source: str, packet: AudioPacket) -> None:
        if not self._sink.is_open:
            return
        now = self._clock()
        rewritten = self._rewriter.rewrite(source, packet, now)
        if rewritten is not None and self._send(rewritten) and rewritten.timestamp == self._rewriter.timestamp:
            self._sent_timestamp = rewritten.timestamp
            self._sent_at = now

    def rest(self) -> None:
        rewritten = self._rewriter.rest()
        if rewritten is not None:
            self._send(rewritten)

    def heard(self, report: rtcp.Report) -> None:
        """Take what the browser reports about this slot."""
        self.report = report
        self._extension = b""

    def sender_info(self, now: float, unix_seconds: float) -> rtcp.SenderInfo | None:
        """For a sender report at loop time `now`; None if nothing was sent yet."""
        if not self.packets:
            return None
        timestamp = self._sent_timestamp + int((now - self._sent_at) * CLOCK_RATE)
        return rtcp.SenderInfo(self.ssrc, rtcp.ntp(unix_seconds), timestamp & 0xFFFFFFFF, self.packets, self.octets)

    def _send(self, rewritten: Rewritten) -> bool:
        sequence_number, timestamp, marker, payload = rewritten
        data = rtp.pack(
            self._payload_type,
            sequence_number,
            timestamp,
            self.ssrc,
            payload,
            marker=marker,
            extension=self._extension,
        )
        if not self._sink.send_rtp(data):
            return False
        self.packets += 1
        self.octets += len(payload)
        return True
