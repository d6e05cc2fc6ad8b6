"""How a clause's packets are put into records. No I/O."""

from pipeline.settings import SynthesisSettings


class Packing:
    """Collects packets: the first record goes out with very few, so that the voice begins at once, later ones fuller.

    Holds at most one record's packets.
    """

    def __init__(self, settings: SynthesisSettings) -> None:
        self._settings = settings
        self._packets: list[bytes] = []
        self._since_ms = 0
        # Records given out so far: the index of the next one.
        self.index = 0

    def add(self, packet: bytes, now_ms: int) -> tuple[bytes, ...] | None:
        """Take a packet. Returns the packets of a record if it is to go out now."""
        if not self._packets:
            self._since_ms = now_ms
        self._packets.append(packet)
        if len(self._packets) < self._settings.first_packets:
            return None
        full = self.index == 0 or len(self._packets) >= self._settings.packets
        return self.take() if full or now_ms - self._since_ms >= self._settings.flush_ms else None

    def take(self) -> tuple[bytes, ...]:
        """Give what is left as a record's packets; may be none."""
        packets, self._packets = tuple(self._packets), []
        self.index += 1
        return packets


def speed_for(backlog_ms: int, settings: SynthesisSettings) -> float:
    """Say how fast to speak: 1.0 up to `easy_ms` of waiting sound, then evenly up to `fastest` at `busy_ms`."""
    hurry = (backlog_ms - settings.easy_ms) / (settings.busy_ms - settings.easy_ms)
    return 1.0 + (settings.fastest - 1.0) * min(1.0, max(0.0, hurry))
