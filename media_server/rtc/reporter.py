"""One peer's RTCP: what it is told of what it sends and of what it gets, and what it says of the slots."""

from collections.abc import Sequence

from media_server.rtc import rtcp
from media_server.rtc.microphone import Microphone
from media_server.rtc.outlet import RtcOutlet


class Reporter:
    """Makes and reads compound packets; one a second, more or less, is due (RFC 3550 section 6.2, as aiortc has it)."""

    def __init__(self, *, ssrc: int, cname: str, microphone: Microphone, outlets: Sequence[RtcOutlet]) -> None:
        """`ssrc` and `cname` as in the answer: who reports, and the name that ties the slots' sources together."""
        self._ssrc = ssrc
        self._cname = cname
        self._microphone = microphone
        self._outlets = {outlet.ssrc: outlet for outlet in outlets}
        # Packets that each slot had sent at the last report, and at the one before.
        self._sent: dict[int, tuple[int, int]] = {}
        self._received = 0

    def compound(self, now: float, unix_seconds: float) -> bytes:
        """Everything due now, in one compound packet; empty if nothing moved in either direction."""
        reports = self._reports(now)
        infos = [info for outlet in self._outlets.values() if (info := self._info(outlet, now, unix_seconds))]
        if not infos and not reports:
            return b""
        if not infos:
            return rtcp.receiver_report(self._ssrc, reports) + rtcp.description((self._ssrc,), self._cname)
        parts = [rtcp.sender_report(info, reports if info is infos[0] else ()) for info in infos]
        return b"".join(parts) + rtcp.description([info.ssrc for info in infos], self._cname)

    def take(self, compound: bytes, now: float) -> None:
        """Take a decrypted compound packet of the browser's."""
        senders, reports = rtcp.parse(compound)
        reception = self._microphone.reception
        for sender in senders:
            if reception is not None and sender.ssrc == reception.ssrc:
                reception.heard_from_sender(sender.ntp, now)
        for report in reports:
            outlet = self._outlets.get(report.ssrc)
            if outlet is not None:
                outlet.heard(report)

    def _reports(self, now: float) -> list[rtcp.Report]:
        reception = self._microphone.reception
        if reception is None or reception.received == self._received:
            return []
        self._received = reception.received
        return [reception.report(now)]

    def _info(self, outlet: RtcOutlet, now: float, unix_seconds: float) -> rtcp.SenderInfo | None:
        """Give a slot's sender info, if it sent anything since the report before the last."""
        last, before = self._sent.get(outlet.ssrc, (0, 0))
        self._sent[outlet.ssrc] = (outlet.packets, last)
        return outlet.sender_info(now, unix_seconds) if outlet.packets != before else None
