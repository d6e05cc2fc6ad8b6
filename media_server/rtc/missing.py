"""Which packets of a microphone did not come, and when to ask for them (generic NACK, RFC 4585). Pure."""

from dataclasses import dataclass

from prometheus_client import Counter

from media_server.rtc.rtp import MAX_DROPOUT, MAX_MISORDER

# Seconds that a hole is given to fill by itself: packets that only changed places are not asked for.
SETTLE = 0.010

# Seconds after which a packet helps nobody: slots would still find its place (`rewriter.MAX_LATE`), but no listener's
# jitter buffer waits for so long.
USEFUL = 0.5

# Times that one packet is asked for.
MAX_ASKED = 3

# Of a hole, at most so many packets are asked for, the newest: 0.5 s of sound.
MAX_HOLE = 25

# Holes that are known; the oldest is forgotten beyond.
MAX_OPEN = 64

# Packets asked for in a second, and at once.
RATE = 50.0

# Seconds between two times that a packet is asked for: one and a half round trips, as far as they are known.
FIRST_RETRY = 0.100
MIN_RETRY = 0.020
MAX_RETRY = 0.250

# Holes that fall due so soon after each other are asked for together.
_TOGETHER = 0.005

_asked = Counter("parley_rtc_packets_asked_for_total", "Microphone packets asked for anew, each time")
_recovered = Counter("parley_rtc_packets_recovered_total", "Microphone packets that came after they were asked for")


@dataclass
class _Hole:
    """A packet that did not come. Times are monotonic seconds."""

    noticed: float
    due: float
    asked: int = 0
    asked_at: float = 0.0


class Missing:
    """Notes the holes in one source's numbers, and when each of them is to be asked for.

    What comes late fills its hole; how long that took once it was asked for says how long to wait before asking again.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        # By sequence number, the oldest first.
        self._holes: dict[int, _Hole] = {}
        self._round_trip = FIRST_RETRY / 1.5
        # What may still be asked for now, and when that was counted.
        self._left = RATE
        self._counted_at = 0.0

    def came(self, sequence_number: int, now: float) -> bool:
        """Note that a packet came at `now` (monotonic seconds); say whether it revealed a hole."""
        if self._newest is None:
            self._newest = sequence_number
            return False
        ahead = (sequence_number - self._newest) & 0xFFFF
        if ahead == 1:
            self._newest = sequence_number
            return False
        if -ahead & 0xFFFF <= MAX_MISORDER:
            self._fill(sequence_number, now)
            return False
        self._newest = sequence_number
        if ahead > MAX_DROPOUT:
            self._holes.clear()
            return False
        for behind in range(min(ahead - 1, MAX_HOLE), 0, -1):
            self._holes[(sequence_number - behind) & 0xFFFF] = _Hole(now, now + SETTLE)
        while len(self._holes) > MAX_OPEN:
            del self._holes[next(iter(self._holes))]
        return True

    def take(self, now: float) -> list[int]:
        """Give the numbers to ask for at `now`, in the stream's order, and count them as asked for."""
        self._holes = {number: hole for number, hole in self._holes.items() if now - hole.noticed < USEFUL}
        self._left = min(RATE, self._left + (now - self._counted_at) * RATE)
        self._counted_at = now
        due = [number for number, hole in self._holes.items() if hole.asked < MAX_ASKED and hole.due <= now + _TOGETHER]
        # What there is no room for is the oldest: it helps least.
        numbers = due[len(due) - min(len(due), int(self._left)) :]
        self._left -= len(numbers)
        for number in numbers:
            hole = self._holes[number]
            hole.asked += 1
            hole.asked_at = now
        for number in due:
            self._holes[number].due = now + min(max(1.5 * self._round_trip, MIN_RETRY), MAX_RETRY)
        _asked.inc(len(numbers))
        return numbers

    def next_at(self) -> float | None:
        """When `take` is due again, in monotonic seconds; None until another hole is found."""
        return min((hole.due for hole in self._holes.values() if hole.asked < MAX_ASKED), default=None)

    def _fill(self, sequence_number: int, now: float) -> None:
        hole = self._holes.pop(sequence_number, None)
        if hole is None or not hole.asked or now - hole.noticed > 2 * USEFUL:
            return
        _recovered.inc()
        if hole.asked == 1:  # else it is unknown which time was answered
            self._round_trip += (now - hole.asked_at - self._round_trip) / 4
