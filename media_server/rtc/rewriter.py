"""One slot's numbering: whichever source it carries, the browser sees one RTP stream. Pure: no I/O, no clock."""

from typing import NamedTuple

from media_server import opus
from media_server.packet import CLOCK_RATE, AudioPacket
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


# Half the cost of the class's own way to make one.
_rewritten = tuple.__new__


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

    def __init__(self, *, sequence_number: int, timestamp: int) -> None:
        # Of the newest packet that went out; at first, of the one before the first.
        self.sequence_number = sequence_number & _SEQUENCE
        self.timestamp = timestamp & _TIME
        # Added to the clock, in samples, to make a timestamp.
        self._origin = timestamp
        self._started = False
        self._resting = True
        self._source: str | None = None
        # Sequence number of the source's newest packet, and when it went out.
        self._newest = 0
        self._newest_at = 0.0
        # When the newest timestamp was due.
        self._timestamp_at = 0.0
        self._past: dict[str, _Place] = {}
        # How far the spurt has come, in sequence numbers.
        self._advanced = 0
        self._sequence_offset = 0
        self._time_offset = 0
        self._payload = b""

    def rewrite(self, source: str, packet: AudioPacket, now: float) -> Rewritten | None:
        """Give the packet as it goes out; None if it comes too late to have a place in the slot's stream.

        `now` in seconds of any steady clock.
        """
        if source != self._source or self._resting:
            place = self._past.get(source) if source != self._source else _Place(self._newest, self._newest_at)
            if place is not None and _late(packet, place, now):
                return None
            return self._begin(source, packet, now)
        ahead = (packet.sequence_number - self._newest) & _SEQUENCE
        timestamp = (packet.timestamp + self._time_offset) & _TIME
        if 0 < ahead < MAX_DROPOUT:
            drift = timestamp - self._origin - int(now * CLOCK_RATE)
            if (drift + _MAX_DRIFT_SAMPLES) & _TIME > 2 * _MAX_DRIFT_SAMPLES:
                return self._begin(source, packet, now)
            self._advanced += ahead
            # From here on as `_advance`, which is not called: this is what most packets of most slots come to.
            self._newest = packet.sequence_number
            self._newest_at = self._timestamp_at = now
            self._payload = payload = packet.payload
            self.sequence_number = sequence_number = (self.sequence_number + ahead) & _SEQUENCE
            self.timestamp = timestamp
            return _rewritten(Rewritten, (sequence_number, timestamp, False, payload))
        if not _late(packet, _Place(self._newest, self._newest_at), now):
            return self._begin(source, packet, now)
        if ahead == 0 or -ahead & _SEQUENCE > self._advanced:
            return None
        sequence_number = (packet.sequence_number + self._sequence_offset) & _SEQUENCE
        return Rewritten(sequence_number, timestamp, False, packet.payload)

    def rest(self, now: float) -> Rewritten | None:
        """Give the frame that ends the spurt; None if it has ended, or none ever began.

        None, too, after a source that rests already (DTX). Otherwise its time is that of this moment: with that of the
        last packet it would look late to the browser, by as much as the source has been silent, and a jitter buffer
        that has seen 400 ms of lateness makes everybody wait as long from then on.
        """
        if self._resting:
            return None
        self._resting = True
        if opus.rests(self._payload):
            return None
        self.sequence_number = (self.sequence_number + 1) & _SEQUENCE
        next_at = (self.timestamp + opus.duration(self._payload)) & _TIME
        self.timestamp = (next_at + max(_signed(self.clock_at(now) - next_at), 0)) & _TIME
        self._timestamp_at = now
        self._payload = opus.silence(self._payload)
        return Rewritten(self.sequence_number, self.timestamp, False, self._payload)

    def clock_at(self, now: float) -> int:
        """Give the timestamp that the newest packet's stream has come to by then."""
        return (self.timestamp + int((now - self._timestamp_at) * CLOCK_RATE)) & _TIME

    def _begin(self, source: str, packet: AudioPacket, now: float) -> Rewritten:
        if self._source is not None and self._source != source:
            self._past[self._source] = _Place(self._newest, self._newest_at)
            if len(self._past) > MAX_PAST:
                del self._past[next(iter(self._past))]
        self._past.pop(source, None)
        self._source = source
        timestamp = self._clock(now)
        if self._started:
            earliest = self.timestamp + opus.duration(self._payload)
            timestamp = (timestamp + max(_signed(earliest - timestamp), 0)) & _TIME
        self._started = True
        self._resting = False
        self._advanced = 0
        self._sequence_offset = self.sequence_number + 1 - packet.sequence_number
        self._time_offset = timestamp - packet.timestamp
        return self._advance(packet, 1, timestamp, now, True)

    def _advance(self, packet: AudioPacket, step: int, timestamp: int, now: float, marker: bool) -> Rewritten:
        self._newest = packet.sequence_number
        self._newest_at = self._timestamp_at = now
        self._payload = packet.payload
        self.sequence_number = (self.sequence_number + step) & _SEQUENCE
        self.timestamp = timestamp
        return Rewritten(self.sequence_number, timestamp, marker, packet.payload)

    def _clock(self, now: float) -> int:
        return (self._origin + int(now * CLOCK_RATE)) & _TIME


def _late(packet: AudioPacket, newest: _Place, now: float) -> bool:
    behind = (newest.sequence_number - packet.sequence_number) & _SEQUENCE
    return behind <= MAX_MISORDER and now - newest.at < MAX_LATE


def _signed(difference: int) -> int:
    """Take a difference of timestamps the shorter way round."""
    return ((difference + 0x80000000) & _TIME) - 0x80000000
