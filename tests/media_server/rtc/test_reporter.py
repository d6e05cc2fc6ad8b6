"""One peer's RTCP."""

from media_server.packet import AudioPacket
from media_server.rtc import rtcp, rtp
from media_server.rtc.microphone import Microphone
from media_server.rtc.outlet import RtcOutlet
from media_server.rtc.reporter import Reporter
from tests.media_server.rtc.test_outlet import Sink


class Parts:
    """A reporter with a microphone and two slots."""

    def __init__(self) -> None:
        self.microphone = Microphone(
            payload_type=111, level_extension=None, max_sources=8, on_too_many=lambda: None, peer_id=0
        )
        sink = Sink()
        self.slots = [
            RtcOutlet(str(n), ssrc=n, payload_type=111, mid_extension=None, sink=sink, clock=lambda: 0.0)
            for n in (1, 2)
        ]
        self.reporter = Reporter(ssrc=9, cname="somebody", microphone=self.microphone, outlets=self.slots)

    def hear(self, number: int) -> None:
        self.microphone.take(rtp.pack(111, number, number * 960, 7, b"sound"), number * 0.02)

    def send(self, slot: int, number: int) -> None:
        self.slots[slot].forward("ana", AudioPacket(number, number * 960, b"sound", None, None, 0.0))


def test_where_nothing_moves_nothing_is_said() -> None:
    """A listener in a silent room costs no packet."""
    assert Parts().reporter.compound(1.0, 1.0) == b""


def test_who_only_listens_is_told_what_is_sent() -> None:
    """Sender reports of the slots that carry sound, none of the others."""
    parts = Parts()
    parts.send(0, 1)
    senders, reports = rtcp.parse(parts.reporter.compound(1.0, 1.0))
    assert [(it.ssrc, it.packets) for it in senders] == [(1, 1)]
    assert not reports


def test_who_only_talks_is_told_what_came() -> None:
    """A receiver report about the microphone."""
    parts = Parts()
    parts.hear(1)
    parts.hear(3)
    senders, reports = rtcp.parse(parts.reporter.compound(1.0, 1.0))
    assert not senders
    assert [(it.ssrc, it.lost) for it in reports] == [(7, 1)]


def test_both_at_once_are_in_one_packet() -> None:
    """Each slot's report, the microphone's once, and the name of every source."""
    parts = Parts()
    parts.hear(1)
    parts.send(0, 1)
    parts.send(1, 1)
    compound = parts.reporter.compound(1.0, 1.0)
    senders, reports = rtcp.parse(compound)
    assert [it.ssrc for it in senders] == [1, 2]
    assert len(reports) == 1
    assert compound.count(b"somebody") == 2


def test_a_slot_at_rest_falls_silent_after_two_reports() -> None:
    """RFC 3550 section 6.3.8: who sent nothing for two intervals is no sender."""
    parts = Parts()
    parts.send(0, 1)
    said = [bool(parts.reporter.compound(float(n), 1.0)) for n in range(4)]
    assert said == [True, True, False, False]


def test_what_the_browser_says_reaches_the_slot() -> None:
    """Its report about a slot is noted there; about unknown sources it is passed over."""
    parts = Parts()
    about_slot = rtcp.Report(1, 5, 2, 3, 4)
    parts.reporter.take(rtcp.receiver_report(7, [about_slot, rtcp.Report(99, 0, 0, 0, 0)]), 1.0)
    assert parts.slots[0].report == about_slot
    assert parts.slots[1].report is None


def test_the_browsers_clock_comes_back_to_it() -> None:
    """It finds its own time in our report, and so the round trip."""
    parts = Parts()
    parts.hear(1)
    parts.reporter.take(rtcp.sender_report(rtcp.SenderInfo(7, 0x1234567890ABCDEF, 0, 1, 5)), 1.0)
    _, (report,) = rtcp.parse(parts.reporter.compound(2.0, 1.0))
    assert report.last_sender_report == 0x567890AB
    assert report.since_sender_report == 65536
