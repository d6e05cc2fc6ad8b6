"""One peer's RTCP: what it is told of what it sends and of what it gets, and what it says of the slots."""

from collections.abc import Sequence

from media_server.packet import CLOCK_RATE
from media_server.peer import LinkFigures
from media_server.rtc import rtcp
from media_server.rtc.losses import LATELY_S
from media_server.rtc.microphone import Microphone
from media_server.rtc.outlet import RtcOutlet

# Sources of the browser's whose reference times wait to be answered; the oldest is forgotten beyond.
_MAX_TIMES = 8

# A round trip above this (seconds) is a clock that was set, or a report that makes no sense.
_LONGEST_RTT_S = 10.0
# How much of a new round trip is taken over: one report is chance.
_NEWS = 0.25


class Reporter:
    """Makes and reads compound packets; `RtcPeer` says when one is due."""

    def __init__(self, *, ssrc: int, cname: str, microphone: Microphone, outlets: Sequence[RtcOutlet]) -> None:
        """`ssrc` and `cname` as in the answer: who reports, and the name that ties the slots' sources together."""
        self._ssrc = ssrc
        self._cname = cname
        self._microphone = microphone
        self._outlets = {outlet.ssrc: outlet for outlet in outlets}
        # Packets that each slot had sent at the last report, and at the one before.
        self._sent: dict[int, tuple[int, int]] = {}
        self._received = 0
        # By source: a reference time's middle bits, and when it came.
        self._times: dict[int, tuple[int, float]] = {}
        # Smoothed, in seconds; None before the browser first answered a report.
        self._rtt_s: float | None = None

    def compound(self, now: float, unix_seconds: float) -> bytes:
        """Everything due now, in one compound packet; empty if nothing moved in either direction."""
        reports = self._reports(now)
        infos = [info for outlet in self._outlets.values() if (info := self._info(outlet, now, unix_seconds))]
        if not infos and not reports:
            return b""
        if not infos:
            return rtcp.receiver_report(self._ssrc, reports) + rtcp.description((self._ssrc,), self._cname)
        parts = [rtcp.sender_report(info, reports if info is infos[0] else ()) for info in infos]
        parts.append(rtcp.description([info.ssrc for info in infos], self._cname))
        # Each slot's source by itself: a browser keeps the round trip for each that it hears.
        delays = self._delays(now)
        parts += [rtcp.delays(info.ssrc, delays) for info in infos if delays]
        return b"".join(parts)

    @property
    def receives(self) -> bool:
        """Whether anything has come from the browser's microphone."""
        return self._microphone.reception is not None

    @property
    def request_at(self) -> float | None:
        """When `request` is due, in monotonic seconds; None while the microphone misses nothing."""
        return self._microphone.missing.next_at()

    def request(self, now: float) -> bytes:
        """Ask for what the microphone misses, in a compound packet of its own (RFC 4585 section 3.1); perhaps empty."""
        reception = self._microphone.reception
        numbers = self._microphone.missing.take(now)
        if reception is None or not numbers:
            return b""
        head = rtcp.receiver_report(self._ssrc, ()) + rtcp.description((self._ssrc,), self._cname)
        return head + rtcp.nack(self._ssrc, reception.ssrc, numbers)

    def figures(self, now: float) -> LinkFigures:
        """Say how well the connection does, by what was reported lately; `now` in monotonic seconds."""
        reception = self._microphone.reception
        up_lost = None if reception is None else reception.losses.share(now)
        oldest = now - LATELY_S
        reported = [outlet for outlet in self._outlets.values() if outlet.report and outlet.reported_at > oldest]
        shares = [share for outlet in reported if (share := outlet.losses.share(now)) is not None]
        jitters = [outlet.report.jitter / CLOCK_RATE for outlet in reported if outlet.report]
        return LinkFigures(
            rtt_s=self._rtt_s,
            up_lost=up_lost,
            up_jitter_s=None if reception is None or up_lost is None else reception.jitter_s,
            down_lost=max(shares, default=None),
            down_jitter_s=max(jitters, default=None),
        )

    def take(self, compound: bytes, now: float, unix_seconds: float) -> None:
        """Take a decrypted compound packet of the browser's."""
        found = rtcp.parse(compound)
        reception = self._microphone.reception
        for sender in found.senders:
            if reception is not None and sender.ssrc == reception.ssrc:
                reception.heard_from_sender(sender.ntp, now)
        for report in found.reports:
            outlet = self._outlets.get(report.ssrc)
            if outlet is not None:
                outlet.heard(report)
                self._time_round_trip(report, unix_seconds)
        for lost in found.lost:
            outlet = self._outlets.get(lost.ssrc)
            if outlet is not None:
                outlet.retransmit(lost.sequence_numbers)
        for time in found.times:
            self._times[time.ssrc] = (time.ntp >> 16 & 0xFFFFFFFF, now)
            if len(self._times) > _MAX_TIMES:
                del self._times[next(iter(self._times))]

    def _time_round_trip(self, report: rtcp.Report, unix_seconds: float) -> None:
        """Learn from an answer to one of our own reports how long the way there and back takes (RFC 3550, 6.4.1)."""
        if not report.last_sender_report:
            return
        since = ((rtcp.ntp(unix_seconds) >> 16) - report.last_sender_report - report.since_sender_report) & 0xFFFFFFFF
        rtt_s = since / 65536
        if rtt_s < _LONGEST_RTT_S:
            self._rtt_s = rtt_s if self._rtt_s is None else self._rtt_s + _NEWS * (rtt_s - self._rtt_s)

    def _reports(self, now: float) -> list[rtcp.Report]:
        reception = self._microphone.reception
        if reception is None or reception.received == self._received:
            return []
        self._received = reception.received
        return [reception.report(now)]

    def _delays(self, now: float) -> list[rtcp.Delay]:
        """Answer the reference times that came since this was last asked."""
        answers = [rtcp.Delay(ssrc, time, int((now - at) * 65536)) for ssrc, (time, at) in self._times.items()]
        self._times.clear()
        return answers

    def _info(self, outlet: RtcOutlet, now: float, unix_seconds: float) -> rtcp.SenderInfo | None:
        """Give a slot's sender info, if it sent anything since the report before the last."""
        last, before = self._sent.get(outlet.ssrc, (0, 0))
        self._sent[outlet.ssrc] = (outlet.packets, last)
        return outlet.sender_info(now, unix_seconds) if outlet.packets != before else None
