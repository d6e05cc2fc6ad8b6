"""One peer's RTCP."""

from unittest import mock

import pytest

from media_server.packet import AudioPacket
from media_server.peer import LinkFigures
from media_server.rtc import rtcp
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.microphone import Microphone
from media_server.rtc.outlet import RtcOutlet
from media_server.rtc.reporter import Reporter
from tests.media_server.rtc.browser import call, until
from tests.media_server.rtc.test_outlet import Sink
from tests.media_server.rtc.test_peer import SOUND, packet
from tests.support.rtp_packet import pack


class Parts:
    """A reporter with a microphone and two slots."""

    def __init__(self) -> None:
        self.microphone = Microphone(
            payload_type=111, level_extension=None, max_sources=8, on_too_many=lambda: None, peer_id=0
        )
        self.sink = sink = Sink()
        self.slots = [
            RtcOutlet(str(n), ssrc=n, payload_type=111, mid_extension=None, sink=sink, clock=lambda: 0.0)
            for n in (1, 2)
        ]
        self.reporter = Reporter(ssrc=9, cname="somebody", microphone=self.microphone, outlets=self.slots)

    def hear(self, number: int) -> None:
        self.microphone.take(pack(111, number, number * 960, 7, b"sound"), number * 0.02)

    def send(self, slot: int, number: int) -> None:
        self.slots[slot].forward("ana", AudioPacket(number, number * 960, b"sound", None, None, 0.0))


def test_where_nothing_moves_nothing_is_said() -> None:
    """A listener in a silent room costs no packet."""
    assert Parts().reporter.compound(1.0, 1.0) == b""


def test_who_only_listens_is_told_what_is_sent() -> None:
    """Sender reports of the slots that carry sound, none of the others."""
    parts = Parts()
    parts.send(0, 1)
    senders, reports, *_ = rtcp.parse(parts.reporter.compound(1.0, 1.0))
    assert [(it.ssrc, it.packets) for it in senders] == [(1, 1)]
    assert not reports


def test_who_only_talks_is_told_what_came() -> None:
    """A receiver report about the microphone."""
    parts = Parts()
    parts.hear(1)
    parts.hear(3)
    senders, reports, *_ = rtcp.parse(parts.reporter.compound(1.0, 1.0))
    assert not senders
    assert [(it.ssrc, it.lost) for it in reports] == [(7, 1)]


def test_both_at_once_are_in_one_packet() -> None:
    """Each slot's report, the microphone's once, and the name of every source."""
    parts = Parts()
    parts.hear(1)
    parts.send(0, 1)
    parts.send(1, 1)
    compound = parts.reporter.compound(1.0, 1.0)
    senders, reports, *_ = rtcp.parse(compound)
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
    parts.reporter.take(rtcp.receiver_report(7, [about_slot, rtcp.Report(99, 0, 0, 0, 0)]), 1.0, 0.0)
    assert parts.slots[0].report == about_slot
    assert parts.slots[1].report is None


def test_the_browsers_clock_comes_back_to_it() -> None:
    """It finds its own time in our report, and so the round trip."""
    parts = Parts()
    parts.hear(1)
    parts.reporter.take(rtcp.sender_report(rtcp.SenderInfo(7, 0x1234567890ABCDEF, 0, 1, 5)), 1.0, 0.0)
    _, (report,), *_ = rtcp.parse(parts.reporter.compound(2.0, 1.0))
    assert report.last_sender_report == 0x567890AB
    assert report.since_sender_report == 65536


def test_what_the_browser_lost_is_sent_anew() -> None:
    """The slot that it names sends those packets again; other sources are none of its."""
    parts = Parts()
    for number in range(1, 4):
        parts.send(0, number)
    second = parts.sink.sent[1].sequence_number
    parts.reporter.take(rtcp.receiver_report(7, ()) + rtcp.nack(7, 1, [second]) + rtcp.nack(7, 99, [second]), 1.0, 0.0)
    assert parts.sink.raw[3:] == [parts.sink.raw[1]]


def test_who_only_listens_learns_the_round_trip() -> None:
    """Its reference time comes back once, from each slot that sends, with how long ago it came."""
    parts = Parts()
    parts.send(0, 1)
    parts.reporter.take(reference_time(7, 0x1234567890ABCDEF), 1.0, 0.0)
    answer = parts.reporter.compound(1.5, 1.0)
    assert answer.endswith(rtcp.delays(1, [rtcp.Delay(7, 0x567890AB, 32768)]))
    parts.send(0, 2)
    assert rtcp.delays(1, [rtcp.Delay(7, 0, 0)])[:12] not in parts.reporter.compound(2.5, 2.0)


def test_reference_times_are_bounded() -> None:
    """However many sources a browser claims to have, few are answered."""
    parts = Parts()
    parts.send(0, 1)
    for ssrc in range(1000):
        parts.reporter.take(reference_time(ssrc, 1 << 32), 1.0, 0.0)
    assert len(parts.reporter.compound(1.5, 1.0)) < 250


def test_what_the_microphone_misses_is_asked_for() -> None:
    """In a compound packet of its own, when it is due, and not before."""
    parts = Parts()
    parts.hear(1)
    assert not parts.reporter.request_at
    assert parts.reporter.request(0.03) == b""
    parts.hear(4)
    due = parts.reporter.request_at
    assert due is not None
    compound = parts.reporter.request(due)
    assert rtcp.parse(compound).lost == [rtcp.Lost(7, (2, 3))]
    assert b"somebody" in compound, "a compound packet without a name (RFC 3550 section 6.1)"
    assert parts.reporter.request(due) == b""


def reference_time(ssrc: int, ntp: int) -> bytes:
    """Make a receiver report with an extended one, as Chromium sends them."""
    block = b"\x04\x00\x00\x02" + ntp.to_bytes(8, "big")
    return rtcp.receiver_report(ssrc, ()) + b"\x80\xcf\x00\x04" + ssrc.to_bytes(4, "big") + block


async def test_what_a_browser_loses_is_sent_anew(endpoint: RtcEndpoint) -> None:
    """The packet that it names comes again; SRTP of a real browser takes it, as it never had it."""
    peer = endpoint.new_peer()
    async with call(peer) as listener:
        slot = peer.outlets[0]
        assert isinstance(slot, RtcOutlet)
        with mock.patch.object(slot.sink, "send_rtp", return_value=True):
            slot.forward("ana", packet(1))
        slot.forward("ana", packet(2, SOUND + b"second"))
        await until(lambda: listener.payloads("1") == [SOUND + b"second"])
        lost = (listener.heard["1"][0].sequence_number - 1) & 0xFFFF
        await listener.report(rtcp.receiver_report(1, ()) + rtcp.nack(1, slot.ssrc, [lost]))
        await until(lambda: listener.payloads("1") == [SOUND + b"second", SOUND])
        assert listener.heard["1"][1].sequence_number == lost


def test_figures_tell_of_both_directions() -> None:
    """Round trip from the browser's answer to our report; losses and jitter of what it sends and of what it gets."""
    parts = Parts()
    assert parts.reporter.figures(0.0) == LinkFigures()
    parts.send(0, 1)
    unix_s = 1_000.0
    compound = parts.reporter.compound(1.0, unix_s)
    sent = rtcp.parse(compound).senders[0].ntp >> 16 & 0xFFFFFFFF
    for number in (1, 101, 301):
        parts.hear(number)
        parts.reporter.compound(number * 0.02, unix_s)
    first = rtcp.Report(1, 0, 0, 1_000, 480, sent, 6_554)
    second = rtcp.Report(1, 0, 10, 1_200, 480, sent, 6_554)
    for report in (first, second):
        parts.reporter.take(rtcp.receiver_report(7, [report]), 6.0, unix_s + 0.15)
    figures = parts.reporter.figures(6.0)
    assert figures.rtt_s == pytest.approx(0.05, abs=0.001)
    assert figures.down_lost == 10 / 200
    assert figures.down_jitter_s == 0.01
    assert figures.up_lost == pytest.approx(298 / 300)
    assert figures.up_jitter_s is not None


def test_a_round_trip_that_cannot_be_is_passed_over() -> None:
    """A clock that was set back, or an answer to what was never asked."""
    parts = Parts()
    for last in (0, 0x80000000):
        report = rtcp.Report(1, 0, 0, 1, 0, last, 0)
        parts.reporter.take(rtcp.receiver_report(7, [report]), 1.0, 1_000.0)
    assert parts.reporter.figures(1.0).rtt_s is None
