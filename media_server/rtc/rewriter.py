"""One slot's numbering: whichever source it carries, the browser sees one RTP stream. Pure: no I/O, no clock.

Its state is a `stream` of lanes.h: `lanes.c` numbers the packets of the common case, `rewrite` any.
"""

from typing import NamedTuple

from media_server import opus
from media_server.packet import CLOCK_RATE, AudioPacket
from media_server.rtc.native import Struct, ffi
from media_server.rtc.rtp import MAX_DROPOUT, MAX_MISORDER

# Seconds after the newest packet in which a step back is one that comes late.
MAX_LATE = 1.0

# Seconds by which the timestamps that go out may be off the clock before they are set anew: a source whose timestamps
# run wild must not spoil the slot for those after it.
MAX_DRIFT = 5.0
_MAX_DRIFT_SAMPLES = int(MAX_DRIFT * CLOCK_RATE)

# How many earlier sources are remembered to know their late packets by; the oldest is forgotten.
MAX_PAST = 8

_SEQUENCE = 0xFFFF
_TIME = 0xFFFFFFFF


class Rewritten(NamedTuple):
    """A packet as the slot's stream has it."""

    sequence_number: int
    timestamp: int
    marker: bool
    payload: bytes


class Spurt(NamedTuple):
    """How a source's packets are numbered in the slot's stream: by what is added to their numbers."""

    source: str
    sequence_offset: int
    time_offset: int


class _Place(NamedTuple):
    """How far a source had come, and when."""

    sequence_number: int
    at: float


class Rewriter:
    """Maps sources' numbers to the slot's.

    Within a talk spurt both numbers are the source's plus an offset, so that a hole stays a hole and a late packet
    finds its place. A spurt begins with another source, after `rest`, or when a source numbers anew: one step in
    sequence, and in time what the clock says. Sources must not reuse numbers within a second, or the second use passes
    for late packets and is dropped.
    """

    def __init__(self, *, sequence_number: int, timestamp: int, stream: Struct | None = None) -> None:
        """Keep the state in `stream`, or in one of its own. The numbers are those before the first packet's."""
        self._stream = stream = ffi.new("struct stream *") if stream is None else stream
        stream.sequence_number = sequence_number & _SEQUENCE
        stream.timestamp = stream.origin = timestamp & _TIME
        self._started = False
        self._resting = True
        self._source: str | None = None
        self._past: dict[str, _Place] = {}

    @property
    def sequence_number(self) -> int:
        """That of the newest packet that went out; at first, of the one before the first."""
        return int(self._stream.sequence_number)

    @property
    def timestamp(self) -> int:
        """That of the newest packet that went out."""
        return int(self._stream.timestamp)

    @property
    def spurt(self) -> Spurt | None:
        """How the packets of the present source are numbered; None while it rests."""
        stream = self._stream
        if self._source is None or self._resting:
            return None
        return Spurt(self._source, (stream.sequence_number - stream.newest) & _SEQUENCE, int(stream.time_offset))

    def rewrite(self, source: str, packet: AudioPacket, now: float) -> Rewritten | None:
        """Give the packet as it goes out; None if it comes too late to have a place in the slot's stream.

        `now` in seconds of any steady clock.
        """
        stream = self._stream
        if source != self._source or self._resting:
            place = self._past.get(source) if source != self._source else self._place()
            if place is not None and _late(packet, place, now):
                return None
            return self._begin(source, packet, now)
        ahead = (packet.sequence_number - stream.newest) & _SEQUENCE
        timestamp = (packet.timestamp + stream.time_offset) & _TIME
        if 0 < ahead < MAX_DROPOUT:
            drift = timestamp - self._clock(now)
            if (drift + _MAX_DRIFT_SAMPLES) & _TIME > 2 * _MAX_DRIFT_SAMPLES:
                return self._begin(source, packet, now)
            stream.advanced = (stream.advanced + ahead) & _TIME
            return self._advance(packet, ahead, timestamp, now, False)
        if not _late(packet, self._place(), now):
            return self._begin(source, packet, now)
        if ahead == 0 or -ahead & _SEQUENCE > stream.advanced:
            return None
        sequence_number = (stream.sequence_number + ahead) & _SEQUENCE
        return Rewritten(sequence_number, timestamp, False, packet.payload)

    def rest(self, now: float) -> Rewritten | None:
        """Give the frame that ends the spurt; None if it has ended, or none ever began.

        None, too, after a source that rests already (DTX). Otherwise its time is that of this moment: with that of the
        last packet it would look late to the browser, by as much as the source has been silent, and a jitter buffer
        that has seen 400 ms of lateness makes everybody wait as long from then on.
        """
        if self._resting:
            return None
        stream = self._stream
        self._resting = True
        stream.source = 0
        newest = self._head()
        if opus.rests(newest):
            return None
        stream.sequence_number = (stream.sequence_number + 1) & _SEQUENCE
        next_at = (stream.timestamp + opus.duration(newest)) & _TIME
        stream.timestamp = (next_at + max(_signed(self.clock_at(now) - next_at), 0)) & _TIME
        stream.timestamp_at = now
        silence = opus.silence(newest)
        self._note(silence)
        return Rewritten(self.sequence_number, self.timestamp, False, silence)

    def clock_at(self, now: float) -> int:
        """Give the timestamp that the newest packet's stream has come to by then."""
        return int(self._stream.timestamp + int((now - self._stream.timestamp_at) * CLOCK_RATE)) & _TIME

    def _begin(self, source: str, packet: AudioPacket, now: float) -> Rewritten:
        stream = self._stream
        if self._source is not None and self._source != source:
            self._past[self._source] = self._place()
            if len(self._past) > MAX_PAST:
                del self._past[next(iter(self._past))]
        self._past.pop(source, None)
        self._source = source
        stream.source = hash(source)
        timestamp = self._clock(now)
        if self._started:
            earliest = stream.timestamp + opus.duration(self._head())
            timestamp = (timestamp + max(_signed(earliest - timestamp), 0)) & _TIME
        self._started = True
        self._resting = False
        stream.advanced = 0
        stream.time_offset = (timestamp - packet.timestamp) & _TIME
        return self._advance(packet, 1, timestamp, now, True)

    def _advance(self, packet: AudioPacket, step: int, timestamp: int, now: float, marker: bool) -> Rewritten:
        stream = self._stream
        stream.newest = packet.sequence_number
        stream.newest_at = stream.timestamp_at = now
        stream.sequence_number = sequence_number = (stream.sequence_number + step) & _SEQUENCE
        stream.timestamp = timestamp
        self._note(packet.payload)
        return Rewritten(sequence_number, timestamp, marker, packet.payload)

    def _note(self, payload: bytes) -> None:
        """Remember what there is to know of the newest payload."""
        stream = self._stream
        stream.size = len(payload)
        stream.head = payload[:2].ljust(2, b"\0")

    def _head(self) -> bytes:
        """Give the newest payload's first bytes, and more if it had more: as much as `opus` looks at."""
        stream = self._stream
        head: bytes = ffi.buffer(stream.head)[:]
        return (head + b"\0")[: stream.size]

    def _place(self) -> _Place:
        return _Place(self._stream.newest, self._stream.newest_at)

    def _clock(self, now: float) -> int:
        return int(self._stream.origin + int(now * CLOCK_RATE)) & _TIME


def _late(packet: AudioPacket, newest: _Place, now: float) -> bool:
    behind = (newest.sequence_number - packet.sequence_number) & _SEQUENCE
    return behind <= MAX_MISORDER and now - newest.at < MAX_LATE


def _signed(difference: int) -> int:
    """Take a difference of timestamps the shorter way round."""
    return ((difference + 0x80000000) & _TIME) - 0x80000000
