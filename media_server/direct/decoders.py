"""What several clients of a node hear is decoded once."""

from collections import OrderedDict

from prometheus_client import Counter

from media_server.analysis import AnalysisError
from media_server.analysis.decoder import Decoder
from media_server.packet import AudioPacket

MOST = 512
"""Sources decoded at once (20 kB each); beyond it the one that was heard longest ago begins anew."""
MOST_MISSING = 5
"""Packets in a row that are made up for when they are missing; after more, the sound goes on without them."""

LATE = Counter("parley_direct_packets_late_total", "Packets not decoded for clients without WebRTC: behind their time.")


class _Source:
    """One source, and the packet of it that was decoded last."""

    __slots__ = ("decoder", "packet", "pcm")

    def __init__(self, packet: AudioPacket) -> None:
        self.decoder = Decoder()
        self.packet = packet
        self.pcm = b""


class SharedDecoders:
    """Opus packets to 16 kHz mono s16le, for all outlets of a node.

    Outlets are given one packet one after the other: the first one's asking decodes it. Packets behind their time are
    left out; time without packets stays without sound.
    """

    def __init__(self) -> None:
        self._sources: OrderedDict[str, _Source] = OrderedDict()

    def decode(self, source: str, packet: AudioPacket) -> bytes:
        """Give a packet's sound; empty if it is late, corrupt, or has none."""
        known = self._sources.get(source)
        if known is not None and known.packet is packet:
            return known.pcm
        if known is None:
            known = self._sources[source] = _Source(packet)
            if len(self._sources) > MOST:
                self._sources.popitem(last=False)
        elif not _follow(known, packet):
            LATE.inc()
            return b""
        self._sources.move_to_end(source)
        known.packet = packet
        try:
            known.pcm = known.decoder.decode(packet).pcm
        except AnalysisError:  # most of it is corrupt: it may become better
            del self._sources[source]
            return b""
        return known.pcm

    def __len__(self) -> int:
        return len(self._sources)


def _follow(known: _Source, packet: AudioPacket) -> bool:
    """Prepare for the packet after `known.packet`; False if it is not after it."""
    step = (packet.sequence_number - known.packet.sequence_number + 0x8000 & 0xFFFF) - 0x8000
    if step <= 0:
        return False
    if step == 1 or step > MOST_MISSING + 1:
        # After silence (DTX) or a long hole there is nothing to be filled in.
        due = known.decoder.due_timestamp
        if packet.timestamp != due:
            known.decoder.restart()
    return True
