"""The gate in front of the decoder: a silent microphone costs nothing."""

from collections import deque

from prometheus_client import Counter

from media_server.packet import CLOCK_RATE, AudioPacket

MAX_KEPT = 256
"""Packets kept whatever they last (640 ms of the shortest); the oldest go first."""

GATED = Counter("parley_analysis_packets_gated", "Packets that were not decoded since their level says silence.")


class LevelGate:
    """Lets packets pass while their sender says that there is something to hear (RFC 6464), and a while longer.

    Packets without a level always pass. The voice bit is not asked: Chromium 156 sets it on digital silence while its
    own processing is off. Closed, it keeps the last packets undecoded (`keep_ms` of them; the oldest are
    dropped, counted) and lets them out first when it opens, so that no onset is cut.
    """

    def __init__(self, *, level: int, hangover_ms: int, keep_ms: int) -> None:
        self._level = level
        self._hangover = hangover_ms / 1000
        self._keep = keep_ms * CLOCK_RATE // 1000
        self._open_until = 0.0
        self._kept: deque[AudioPacket] = deque()
        # True after a `push` that let packets out behind others which were dropped.
        self.skipped = False
        self._dropped = False

    def push(self, packet: AudioPacket) -> list[AudioPacket]:
        """Take a packet; return those to decode now, in order."""
        self.skipped = False
        if packet.level is None or packet.level <= self._level < 127:
            self._open_until = packet.arrived + self._hangover
        elif self._level < 127 and packet.arrived > self._open_until:
            self._store(packet)
            return []
        if not self._kept:
            return [packet]
        opened = [*self._kept, packet]
        self._kept.clear()
        self.skipped, self._dropped = self._dropped, False
        return opened

    def reset(self) -> None:
        """Forget everything: closed, nothing kept."""
        self._open_until = 0.0
        self._kept.clear()
        self.skipped = self._dropped = False

    def _store(self, packet: AudioPacket) -> None:
        kept = self._kept
        kept.append(packet)
        while len(kept) > MAX_KEPT or (packet.timestamp - kept[0].timestamp & 0xFFFFFFFF) >= self._keep:
            kept.popleft()
            self._dropped = True
            GATED.inc()
