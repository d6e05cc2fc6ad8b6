"""RTCP reports as bytes (RFC 3550 section 6). Pure."""

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import NamedTuple

_SR = 200
_RR = 201
_SDES = 202
_CNAME = 1

# The count field of a header has five bits.
MAX_REPORTS = 31

# Seconds from 1900, where NTP begins, to 1970.
_NTP_EPOCH = 2_208_988_800

_HEAD = Struct("!BBH")
_WORD = Struct("!I")
_SENDER = Struct("!IQIII")
_REPORT = Struct("!IIIIII")


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


def parse(compound: bytes) -> tuple[list[SenderInfo], list[Report]]:
    """Find the sender infos and reports of a compound packet. What it does not know or cannot read it leaves out."""
    senders: list[SenderInfo] = []
    reports: list[Report] = []
    position = 0
    while position + 4 <= len(compound):
        first, kind, words = _HEAD.unpack_from(compound, position)
        end = position + 4 + 4 * words
        if first >> 6 != 2 or end > len(compound):
            break
        start = position + 4
        if kind == _SR and end - start >= _SENDER.size:
            senders.append(SenderInfo(*_SENDER.unpack_from(compound, start)))
            start += _SENDER.size
        else:
            start += 4
        if kind in (_SR, _RR):
            for _ in range(min(first & 0x1F, (end - start) // _REPORT.size)):
                reports.append(_unpack_report(compound, start))
                start += _REPORT.size
        position = end
    return senders, reports


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
