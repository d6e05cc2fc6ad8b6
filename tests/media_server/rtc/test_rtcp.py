"""RTCP reports as bytes."""

from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSdesPacket, RtcpSrPacket
from hypothesis import example, given
from hypothesis import strategies as st

from media_server.rtc import rtcp

WORD = st.integers(0, 0xFFFFFFFF)
REPORTS = st.builds(rtcp.Report, WORD, st.integers(0, 255), st.integers(-0x800000, 0x7FFFFF), WORD, WORD, WORD, WORD)
INFOS = st.builds(rtcp.SenderInfo, WORD, st.integers(0, 2**64 - 1), WORD, WORD, WORD)


@given(INFOS, st.lists(REPORTS, max_size=3))
def test_a_compound_packet_reads_back(info: rtcp.SenderInfo, reports: list[rtcp.Report]) -> None:
    """What is made is what is found."""
    compound = rtcp.sender_report(info, reports) + rtcp.description([info.ssrc], "a name")
    assert rtcp.parse(compound) == ([info], reports, [], [])
    assert rtcp.parse(rtcp.receiver_report(1, reports)) == ([], reports, [], [])


@given(INFOS, st.lists(REPORTS, max_size=3))
def test_a_compound_packet_reads_the_same_elsewhere(info: rtcp.SenderInfo, reports: list[rtcp.Report]) -> None:
    """Aiortc finds a sender report, a receiver report and a description with the name of each source."""
    cname = "5b5dd1f2-3f3a-4d0e-8c37-0d2c6f4e1a77"
    compound = rtcp.sender_report(info, reports)
    compound += rtcp.receiver_report(7, reports)
    compound += rtcp.description([info.ssrc, 8], cname)
    sender, receiver, description = RtcpPacket.parse(compound)
    assert isinstance(sender, RtcpSrPacket)
    assert sender.sender_info.packet_count == info.packets
    assert sender.sender_info.ntp_timestamp == info.ntp
    assert isinstance(receiver, RtcpRrPacket)
    assert [(it.ssrc, it.packets_lost) for it in receiver.reports] == [(it.ssrc, it.lost) for it in reports]
    assert isinstance(description, RtcpSdesPacket)
    assert [(chunk.ssrc, chunk.items) for chunk in description.chunks] == [
        (info.ssrc, [(1, cname.encode())]),
        (8, [(1, cname.encode())]),
    ]


@given(st.text(max_size=60))
def test_each_source_of_a_description_begins_at_a_word(cname: str) -> None:
    """RFC 3550 section 6.5: a list of items ends with one to four zero bytes, up to a multiple of four."""
    packet = rtcp.description([1, 2], cname)
    assert len(packet) == 4 + 4 * int.from_bytes(packet[2:4], "big")
    chunk = (len(packet) - 4) // 2
    assert packet[4:8] == b"\0\0\0\1"
    assert packet[4 + chunk : 8 + chunk] == b"\0\0\0\2"
    assert packet[3 + chunk] == 0


def test_losses_beyond_24_bits_are_cut() -> None:
    """They stay at the most that can be said."""
    _, (report,), *_ = rtcp.parse(rtcp.receiver_report(1, [rtcp.Report(2, 0, 10**9, 0, 0)]))
    assert report.lost == 0x7FFFFF


def test_ntp_time_begins_in_1900() -> None:
    """1970 is 2,208,988,800 seconds later; the lower half are fractions."""
    assert rtcp.ntp(0.5) == (2_208_988_800 << 32) + (1 << 31)


@given(st.integers(0, 0xFFFF), st.sets(st.integers(0, 100), min_size=1, max_size=20))
@example(65_520, {0, 16})
def test_lost_packets_are_asked_for_by_number(first: int, offsets: set[int]) -> None:
    """Also around the end of the numbers; aiortc reads the same in it, but counts on behind the last number."""
    numbers = [(first + offset) & 0xFFFF for offset in sorted(offsets)]
    packet = rtcp.nack(1, 2, numbers)
    assert rtcp.parse(packet).lost == [rtcp.Lost(2, tuple(numbers))]
    (elsewhere,) = RtcpPacket.parse(packet)
    assert isinstance(elsewhere, RtcpRtpfbPacket)
    assert (elsewhere.fmt, elsewhere.ssrc, elsewhere.media_ssrc) == (1, 1, 2)
    assert [number & 0xFFFF for number in elsewhere.lost] == numbers


def test_one_message_asks_for_so_much_at_most() -> None:
    """A second's worth is read of it, however long it is."""
    (lost,) = rtcp.parse(rtcp.nack(1, 2, range(0, 60_000, 17))).lost
    assert len(lost.sequence_numbers) == 8


def test_a_reference_time_is_found_among_other_blocks() -> None:
    """RFC 3611: blocks of other kinds are passed over, and one that is cut short."""
    other, time = b"\x07\x00\x00\x01abcd", b"\x04\x00\x00\x02" + bytes(7) + b"\x09"
    body = bytes(3) + b"\x05" + other + time + other
    compound = b"\x80\xcf\x00" + bytes((len(body) // 4,)) + body
    assert rtcp.parse(compound).times == [rtcp.ReferenceTime(5, 9)]
    cut = b"\x80\xcf\x00\x02" + bytes(3) + b"\x05" + time[:4]
    assert rtcp.parse(cut).times == []


def test_answers_to_reference_times_read_as_rfc_3611_has_them() -> None:
    """A block of type 5, three words for each source."""
    packet = rtcp.delays(1, [rtcp.Delay(2, 3, 4)])
    assert packet.hex(" ", 4) == "80cf0005 00000001 05000003 00000002 00000003 00000004"


@given(st.binary(max_size=100))
def test_garbage_reads_as_little(data: bytes) -> None:
    """It never raises."""
    rtcp.parse(data)
    for kind in (200, 201, 205, 207):
        words = len(data) // 4
        rtcp.parse(bytes((0x81, kind, 0, words)) + data)
        rtcp.parse(bytes((0x9F, kind, 0, 6)) + data)
