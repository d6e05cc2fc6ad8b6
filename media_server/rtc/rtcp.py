"""RTCP as bytes: reports (RFC 3550 section 6), lost packets (RFC 4585), times for receivers (RFC 3611). Pure."""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import NamedTuple

_SR = 200
_RR = 201
_SDES = 202
_CNAME = 1
_FEEDBACK = 205
_GENERIC_NACK = 1
_EXTENDED = 207
_REFERENCE_TIME = 4
_DLRR = 5

# The count field of a header has five bits.
MAX_REPORTS = 31

# Entries of a NACK that are read, with up to 17 numbers each: what is lost in a second, however long the packet.
_MAX_ENTRIES = 8

# Seconds from 1900, where NTP begins, to 1970.
_NTP_EPOCH = 2_208_988_800

_HEAD = Struct("!BBH")
_WORD = Struct("!I")
_SENDER = Struct("!IQIII")
_REPORT = Struct("!IIIIII")
_NACK = Struct("!II")
_ENTRY = Struct("!HH")
_BLOCK = Struct("!BBH")
_REFERENCE = Struct("!Q")
_DELAY = Struct("!III")


class Report(NamedTuple):
    """How well one source is received."""

    ssrc: int
    # Lost since the report before, in 256ths.
    fraction_lost: int
    # Lost since the beginning; negative when duplicates came.
    lost: int
    # Highest sequence number, with how often it wrapped around in the upper 16 bits.
    highest: int
    # Samples.
    jitter: int
    # Middle 32 bits of the NTP time of the last sender report, and how long ago that was, in 65536ths of a second.
    last_sender_report: int = 0
    since_sender_report: int = 0


class SenderInfo(NamedTuple):
    """What a source says of itself."""

    ssrc: int
    # NTP time, 32.32 bits.
    ntp: int
    # The RTP timestamp of that moment.
    timestamp: int
    packets: int
    # Of payload.
    octets: int


class Lost(NamedTuple):
    """Packets that somebody asks for anew."""

    # Of the source that sent them.
    ssrc: int
    sequence_numbers: tuple[int, ...]


class ReferenceTime(NamedTuple):
    """When somebody who only receives wrote this, for the round trip (RFC 3611 section 4.4)."""

    ssrc: int
    # NTP time, 32.32 bits.
    ntp: int


class Delay(NamedTuple):
    """The answer to a reference time (RFC 3611 section 4.5)."""

    ssrc: int
    # Middle 32 bits of the reference time, and how long ago it came, in 65536ths of a second.
    last: int
    since: int


class Compound(NamedTuple):
    """What is of use in a compound packet."""

    senders: list[SenderInfo]
    reports: list[Report]
    lost: list[Lost]
    times: list[ReferenceTime]


def ntp(seconds: float) -> int:
    """Unix seconds as NTP time in 32.32 bits."""
    return int((seconds + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF


def sender_report(info: SenderInfo, reports: Sequence[Report] = ()) -> bytes:
    """Make a sender report, with what its sender receives."""
    own = _SENDER.pack(info.ssrc, info.ntp, info.timestamp, info.packets & 0xFFFFFFFF, info.octets & 0xFFFFFFFF)
    return _packet(_SR, len(reports), own + b"".join(map(_pack_report, reports)))


def receiver_report(ssrc: int, reports: Sequence[Report]) -> bytes:
    """Make a receiver report of somebody who sends nothing."""
    return _packet(_RR, len(reports), _WORD.pack(ssrc) + b"".join(map(_pack_report, reports)))


def description(ssrcs: Iterable[int], cname: str) -> bytes:
    """Say that these sources are of one sender (SDES CNAME, which every compound packet must have)."""
    item = bytes((_CNAME, len(cname.encode()))) + cname.encode()
    item += bytes(4 - len(item) % 4)  # at least one zero ends the list
    chunks = [_WORD.pack(ssrc) + item for ssrc in ssrcs]
    return _packet(_SDES, len(chunks), b"".join(chunks))


def nack(sender: int, source: int, sequence_numbers: Sequence[int]) -> bytes:
    """Ask a source for packets anew (generic NACK, RFC 4585 section 6.2.1); numbers in the order of the stream."""
    entries: list[tuple[int, int]] = []
    for number in sequence_numbers:
        behind = (number - entries[-1][0]) & 0xFFFF if entries else 0
        if 1 <= behind <= 16:
            entries[-1] = (entries[-1][0], entries[-1][1] | 1 << (behind - 1))
        else:
            entries.append((number, 0))
    body = _NACK.pack(sender, source) + b"".join(_ENTRY.pack(*entry) for entry in entries)
    return _packet(_FEEDBACK, _GENERIC_NACK, body)


def delays(sender: int, answers: Sequence[Delay]) -> bytes:
    """Answer reference times."""
    block = _BLOCK.pack(_DLRR, 0, 3 * len(answers)) + b"".join(_DELAY.pack(*answer) for answer in answers)
    return _packet(_EXTENDED, 0, _WORD.pack(sender) + block)


def parse(compound: bytes) -> Compound:
    """Find what is of use. What it does not know or cannot read it leaves out."""
    found = Compound([], [], [], [])
    for kind, count, body in _packets(compound):
        if kind == _SR and len(body) >= _SENDER.size:
            found.senders.append(SenderInfo(*_SENDER.unpack_from(body)))
            found.reports.extend(_reports(body[_SENDER.size :], count))
        elif kind == _RR:
            found.reports.extend(_reports(body[_WORD.size :], count))
        elif kind == _FEEDBACK and count == _GENERIC_NACK and len(body) >= _NACK.size:
            found.lost.append(_lost(body))
        elif kind == _EXTENDED and len(body) >= _WORD.size:
            found.times.extend(_times(body))
    return found


def _packets(compound: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Part a compound packet: each one's kind, the count (or format) in its header, and what follows that."""
    position = 0
    while position + _HEAD.size <= len(compound):
        first, kind, words = _HEAD.unpack_from(compound, position)
        start = position + _HEAD.size
        position = start + 4 * words
        if first >> 6 != 2 or position > len(compound):
            return
        yield kind, first & 0x1F, compound[start:position]


def _reports(body: bytes, count: int) -> Iterator[Report]:
    for index in range(min(count, len(body) // _REPORT.size)):
        yield _unpack_report(body, index * _REPORT.size)


def _lost(body: bytes) -> Lost:
    _, source = _NACK.unpack_from(body)
    numbers: list[int] = []
    for index in range(min(_MAX_ENTRIES, (len(body) - _NACK.size) // _ENTRY.size)):
        first, following = _ENTRY.unpack_from(body, _NACK.size + index * _ENTRY.size)
        numbers.append(first)
        numbers += [(first + 1 + bit) & 0xFFFF for bit in range(16) if following >> bit & 1]
    return Lost(source, tuple(numbers))


def _times(body: bytes) -> Iterator[ReferenceTime]:
    (ssrc,) = _WORD.unpack_from(body)
    position = _WORD.size
    while position + _BLOCK.size <= len(body):
        kind, _, words = _BLOCK.unpack_from(body, position)
        position += _BLOCK.size
        if kind == _REFERENCE_TIME and words == 2 and position + _REFERENCE.size <= len(body):
            yield ReferenceTime(ssrc, *_REFERENCE.unpack_from(body, position))
        position += 4 * words


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, kind, len(body) // 4) + body


def _pack_report(report: Report) -> bytes:
    ssrc, fraction, lost, highest, jitter, last, since = report
    lost = max(-0x800000, min(lost, 0x7FFFFF)) & 0xFFFFFF
    return _REPORT.pack(ssrc, fraction << 24 | lost, highest & 0xFFFFFFFF, jitter & 0xFFFFFFFF, last, since)


def _unpack_report(data: bytes, position: int) -> Report:
    ssrc, losses, highest, jitter, last, since = _REPORT.unpack_from(data, position)
    lost = losses & 0xFFFFFF
    return Report(ssrc, losses >> 24, lost - (1 << 24) if lost & 0x800000 else lost, highest, jitter, last, since)
