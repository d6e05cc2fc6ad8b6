"""What one source sent lately, for those who must send some of it again. Pure."""

from media_server.packet import AudioPacket

LENGTH = 64
"""Packets that are kept: 1.28 s of 20 ms each; beyond that nobody waits for one any more."""


class Recent:
    """The last packets, by their numbers; one's place is taken by whatever comes `LENGTH` numbers later."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: list[tuple[str, AudioPacket] | None] = [None] * LENGTH

    def keep(self, source: str, packet: AudioPacket) -> None:
        """Take one, of the source that is called so."""
        self._kept[packet.sequence_number % LENGTH] = (source, packet)

    def find(self, source: str, sequence_number: int) -> AudioPacket | None:
        """Give a packet of this source; None if it never came, or too long ago."""
        kept = self._kept[sequence_number % LENGTH]
        if kept is None or kept[0] != source or kept[1].sequence_number != sequence_number:
            return None
        return kept[1]
