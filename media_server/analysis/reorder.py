"""Packets in their order, with the least wait that this takes."""

from prometheus_client import Counter

from media_server.packet import AudioPacket

MAX_HELD = 64
"""Packets held behind a hole; when there are more, the hole is given up at once. Ends bursts, in practice."""
MAX_HOLE = 500
"""A step of more packets than this (10 s of them) is not a hole but a source that began anew."""
MAX_LATE = 100
"""A packet this far behind is late or a duplicate; further behind, the source began anew."""
SOON = 0.002
"""Seconds: a deadline this near has come. Packets jitter by as much on the calmest path, and the next one, which would
be the next chance to look, is 20 ms away."""

DROPPED = Counter(
    "parley_analysis_packets_dropped",
    "Packets that were not analysed: behind the time, seen before, or alone far from all others.",
    ["reason"],
)
LATE, DUPLICATE, STRAY = (DROPPED.labels(reason) for reason in ("late", "duplicate", "stray"))


class ReorderBuffer:
    """Gives packets out in order: at once while nothing is missing, else when the hole has filled or waited enough.

    Pure: the time is that of the packets' arrival and of `release`. Holds at most 64 packets and loses none of them.
    Sequence numbers wrap. A jump is believed when a second packet continues it (RFC 3550 appendix A.1); a source that
    begins anew less than 100 numbers behind is mistaken for late packets until it has caught up (2 s at most).
    """

    def __init__(self, wait_ms: int = 60) -> None:
        self._wait = wait_ms / 1000 - SOON
        # The number due next; None before the first packet.
        self._due: int | None = None
        self._held: dict[int, AudioPacket] = {}
        # Bit n: packet `due - 1 - n` was given out. Tells duplicates from packets that come too late.
        self._given = 0
        # Far from all others; the next one may say that it was right.
        self._stray: AudioPacket | None = None

    @property
    def waits(self) -> bool:
        """Whether packets are held behind a hole."""
        return bool(self._held)

    def push(self, packet: AudioPacket) -> list[AudioPacket]:
        """Take a packet; return those that are due, in order."""
        number = packet.sequence_number
        if number == self._due and not self._held and self._stray is None:  # nearly always
            self._due = number + 1 & 0xFFFF
            self._given = (self._given << 1 | 1) & MASK
            return [packet]
        if self._due is None:
            self._due = number
        ahead = _signed(number - self._due)
        if not -MAX_LATE <= ahead <= MAX_HOLE:
            return self._jump(packet)
        if self._stray is not None:
            self._stray = None
            STRAY.inc()
        if ahead < 0:
            (DUPLICATE if self._given >> (-ahead - 1) & 1 else LATE).inc()
            return self.release(packet.arrived)
        if number in self._held:
            DUPLICATE.inc()
            return self.release(packet.arrived)
        self._held[number] = packet
        return self.release(packet.arrived)

    def release(self, now: float) -> list[AudioPacket]:
        """Return what is due at this time (monotonic seconds) although something before it is missing."""
        released: list[AudioPacket] = []
        self._take(released)
        while self._held and self._overdue(now):
            step = min(map(self._ahead, self._held))
            self._due = (self._due or 0) + step & 0xFFFF
            self._given = self._given << step & MASK
            self._take(released)
        return released

    def reset(self) -> None:
        """Forget everything: the next packet is a first one."""
        self._due, self._given, self._stray = None, 0, None
        self._held.clear()

    def _take(self, released: list[AudioPacket]) -> None:
        """Move what follows without a hole."""
        while self._due is not None and (packet := self._held.pop(self._due, None)) is not None:
            released.append(packet)
            self._due = self._due + 1 & 0xFFFF
            self._given = (self._given << 1 | 1) & MASK

    def _overdue(self, now: float) -> bool:
        return len(self._held) > MAX_HELD or now - min(p.arrived for p in self._held.values()) >= self._wait

    def _jump(self, packet: AudioPacket) -> list[AudioPacket]:
        stray, self._stray = self._stray, packet
        if stray is None or packet.sequence_number != (stray.sequence_number + 1 & 0xFFFF):
            if stray is not None:
                STRAY.inc()
            return self.release(packet.arrived)
        released = [self._held[number] for number in sorted(self._held, key=self._ahead)]
        self.reset()
        self._due, self._given = packet.sequence_number + 1 & 0xFFFF, 0b11
        return [*released, stray, packet]

    def _ahead(self, number: int) -> int:
        return _signed(number - (self._due or 0))


MASK = (1 << MAX_LATE) - 1


def _signed(difference: int) -> int:
    """Wrap a difference of two 16-bit numbers to -32768 to 32767."""
    return (difference + 0x8000 & 0xFFFF) - 0x8000
