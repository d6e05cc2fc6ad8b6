"""How well one source is received, for receiver reports (RFC 3550 section 6.4 and appendix A). Pure."""

from media_server.packet import CLOCK_RATE
from media_server.rtc.losses import Losses
from media_server.rtc.rtcp import Report
from media_server.rtc.rtp import MAX_DROPOUT, MAX_MISORDER


class Reception:
    """Counts one SSRC's packets as they arrive."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self.received = 0
        self._base = 0
        # Highest sequence number, counted on beyond 16 bits.
        self._highest = 0
        # Smoothed difference of transit times, in samples.
        self._jitter = 0.0
        self._transit: float | None = None
        # As of the last report.
        self._expected_before = 0
        self._received_before = 0
        # Of the last sender report: middle bits of its time, and when it came.
        self._sender_report = 0
        self._sender_report_at = 0.0
        # How much of it was lost lately, as of the reports.
        self.losses = Losses()

    @property
    def jitter_s(self) -> float:
        """Say how unsteadily packets come."""
        return self._jitter / CLOCK_RATE

    def add(self, sequence_number: int, timestamp: int, arrived: float) -> None:
        """Count a packet; `arrived` in seconds of any steady clock."""
        if not self.received:
            self._restart(sequence_number)
        ahead = (sequence_number - self._highest) & 0xFFFF
        if ahead < MAX_DROPOUT:
            self._highest += ahead
        elif -ahead & 0xFFFF > MAX_MISORDER:
            self._restart(sequence_number)
        else:
            # Late, or sent anew: it fills its hole, but what that took says nothing of how steady the network is.
            self.received += 1
            return
        self.received += 1
        # Only the lower bits matter: a difference of two transits is taken the shorter way round.
        transit = arrived * CLOCK_RATE - timestamp
        if self._transit is not None:
            difference = abs((transit - self._transit + 2**31) % 2**32 - 2**31)
            self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def heard_from_sender(self, ntp: int, now: float) -> None:
        """Note a sender report of this source: its NTP time, and when it came."""
        self._sender_report = ntp >> 16 & 0xFFFFFFFF
        self._sender_report_at = now

    def report(self, now: float) -> Report:
        """Make what the sender is told, counted from the report before."""
        expected = self._highest - self._base + 1
        lost_since = (expected - self._expected_before) - (self.received - self._received_before)
        fraction = 0
        if lost_since > 0:
            fraction = min((lost_since << 8) // (expected - self._expected_before), 255)
        self._expected_before, self._received_before = expected, self.received
        self.losses.total(expected, expected - self.received, now)
        since = int((now - self._sender_report_at) * 65536) if self._sender_report else 0
        return Report(
            self.ssrc,
            fraction,
            expected - self.received,
            self._highest & 0xFFFFFFFF,
            int(self._jitter),
            self._sender_report,
            min(max(since, 0), 0xFFFFFFFF),
        )

    def _restart(self, sequence_number: int) -> None:
        self._base = self._highest = sequence_number
        self.received = self._expected_before = self._received_before = 0
        self._transit = None
