"""The sending end of one slot."""

import contextlib

from prometheus_client import REGISTRY

from media_server.packet import AudioPacket
from media_server.peer import Outlet, Sent
from media_server.recent import LENGTH as HISTORY
from media_server.recent import Recent
from media_server.rtc import rtcp, rtp
from media_server.rtc.outlet import MAX_RESENDS, RtcOutlet

SOUND = b"\x78sound"


class Sink:
    """Notes what goes out."""

    def __init__(self) -> None:
        self.is_open = True
        self.route = None
        self.takes = True
        self.sent: list[rtp.Received] = []
        self.raw: list[bytes] = []
        # How many packets had been taken at the last flush.
        self.flushed = 0

    def send_rtp(self, header: rtp.Header, rest: bytes) -> bool:
        if self.takes:
            packet = rtp.HEADER.pack(*header) + rest
            self.raw.append(packet)
            self.sent.append(rtp.parse(packet, None))
        return self.takes

    def flush(self) -> None:
        self.flushed = len(self.raw)

    def flush_soon(self) -> None:
        """Nothing is made ready here."""

    def failed(self, packets: int) -> None:
        """Nothing fails here."""


class Clock:
    """Says what it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def outlet(sink: Sink, clock: Clock | None = None) -> RtcOutlet:
    return RtcOutlet("3", ssrc=77, payload_type=111, mid_extension=4, sink=sink, clock=clock or Clock())


def packet(number: int) -> AudioPacket:
    return AudioPacket(number, number * 960, SOUND, None, None, 0.0)


def test_a_payload_goes_out_untouched() -> None:
    """With the slot's source and payload type, and a marker on the first."""
    sink = Sink()
    slot: Outlet = outlet(sink)
    slot.forward("ana", packet(1))
    slot.forward("ana", packet(2))
    assert [(it.ssrc, it.payload_type, it.payload) for it in sink.sent] == [(77, 111, SOUND)] * 2
    assert [raw[1] >> 7 for raw in sink.raw] == [1, 0]


def test_packets_name_their_m_line_until_the_browser_knows() -> None:
    """The first report about the slot shows that it does; 8 bytes less a packet from then on."""
    sink = Sink()
    slot = outlet(sink)
    slot.forward("ana", packet(1))
    slot.heard(rtcp.Report(77, 0, 0, 1, 0))
    slot.forward("ana", packet(2))
    assert rtp.mid_extension(4, "3") in sink.raw[0]
    assert len(sink.raw[1]) == 12 + len(SOUND)


def test_without_a_connection_nothing_happens() -> None:
    """The first packet after it stands begins the spurt."""
    sink = Sink()
    slot = outlet(sink)
    sink.is_open = False
    slot.forward("ana", packet(1))
    slot.rest()
    sink.is_open = True
    slot.forward("ana", packet(2))
    assert sink.raw[0][1] >> 7 == 1
    assert slot.packets == 1


def test_a_rest_goes_out_once() -> None:
    """One byte, next in sequence."""
    sink = Sink()
    slot = outlet(sink)
    slot.rest()
    slot.forward("ana", packet(1))
    slot.rest()
    slot.rest()
    assert [it.payload for it in sink.sent] == [SOUND, b"\x78"]
    assert (sink.sent[1].sequence_number - sink.sent[0].sequence_number) & 0xFFFF == 1


def test_the_counts_of_a_sender_report_are_true() -> None:
    """Only what went out counts; the timestamp is that of the moment asked for."""
    sink, clock = Sink(), Clock()
    slot = outlet(sink, clock)
    assert slot.sender_info(clock.now, 0.0) is None
    slot.forward("ana", packet(1))
    clock.now += 0.02
    slot.forward("ana", packet(2))
    sink.takes = False
    clock.now += 0.02
    slot.forward("ana", packet(3))
    info = slot.sender_info(clock.now + 1, 1_000_000_000.0)
    assert info is not None
    assert (info.ssrc, info.packets, info.octets) == (77, 2, 2 * len(SOUND))
    assert info.timestamp == (sink.sent[1].timestamp + 960 + 48_000) & 0xFFFFFFFF
    assert info.ntp == rtcp.ntp(1_000_000_000.0)


def test_what_was_missed_is_sent_again_byte_by_byte() -> None:
    """Also when the header would be another one by now: SRTP must not encrypt two packets of one number."""
    sink = Sink()
    slot = outlet(sink)
    for number in range(1, 5):
        slot.forward("ana", packet(number))
    missed = sink.sent[2].sequence_number
    slot.heard(rtcp.Report(77, 0, 0, 1, 0))
    slot.retransmit([missed])
    assert sink.raw[4] == sink.raw[2]
    assert sink.flushed == 5
    assert slot.packets == 4


def test_what_was_never_sent_is_not_sent_again() -> None:
    """Neither a number to come, nor one whose place in the history another has taken."""
    sink = Sink()
    slot = outlet(sink)
    for number in range(HISTORY + 1):
        slot.forward("ana", packet(number))
    first = sink.sent[0].sequence_number
    slot.retransmit([first, first + HISTORY + 1, 5])
    assert len(sink.raw) == HISTORY + 1


def test_a_number_is_never_anothers_packet() -> None:
    """Of a source whose packets are not kept, nothing is sent that an earlier source would have had in its place."""
    sink, recent = Sink(), Recent()
    slot = outlet(sink)
    for number in (1, 2, 3, 4):
        recent.keep("ana", packet(number))
        if number < 3:
            slot.carry("ana", packet(number), recent)
    slot.forward("ben", packet(7))
    slot.lane.stream.sequence_number += 1  # as lanes.c would go on
    sent = len(sink.raw)
    slot.retransmit([slot.lane.stream.sequence_number])
    assert len(sink.raw) == sent


def test_one_packet_is_sent_again_only_so_often() -> None:
    """However often a browser asks; a new packet in its place begins to count anew."""
    sink = Sink()
    slot = outlet(sink)
    slot.forward("ana", packet(1))
    number = sink.sent[0].sequence_number
    for _ in range(10):
        slot.retransmit([number])
    assert len(sink.raw) == 1 + MAX_RESENDS
    for step in range(HISTORY):
        slot.forward("ana", packet(2 + step))
    slot.retransmit([number + HISTORY])
    assert len(sink.raw) == 1 + MAX_RESENDS + HISTORY + 1


def test_a_rest_that_fails_is_counted() -> None:
    """It comes in the middle of giving slots to others, who must not go without for it."""
    slot = outlet(BrokenSink())
    with contextlib.suppress(RuntimeError):
        slot.forward("ana", packet(1))
    before = REGISTRY.get_sample_value("parley_outlet_faults_total") or 0.0
    slot.rest()
    assert REGISTRY.get_sample_value("parley_outlet_faults_total") == before + 1


class BrokenSink(Sink):
    """Raises, against its promise."""

    def send_rtp(self, header: rtp.Header, rest: bytes) -> bool:
        raise RuntimeError("a sink's fault")


def test_it_says_what_it_sent() -> None:
    """Packets and payload that went out, and the newest one's timestamp; that only to who can use it."""
    sink = Sink()
    slot = outlet(sink)
    assert slot.sent == Sent(0, 0, None)
    slot.forward("ana", packet(1))
    slot.forward("ana", packet(2))
    assert slot.sent == Sent(2, 2 * len(SOUND), sink.sent[-1].timestamp)
    sink.is_open = False
    assert slot.sent.timestamp is None
