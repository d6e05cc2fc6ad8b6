"""A slot of a participant without WebRTC: packets become frames of sound."""

from typing import Protocol

from media_server.packet import AudioPacket
from media_server.peer import FanFactory, Sent


class Receiver(Protocol):
    """Who takes what all slots of one participant carry."""

    def take(self, source: str, packet: AudioPacket) -> None:
        """Take a packet of a source."""

    def rest(self, source: str) -> None:
        """Hear that silence follows the last packet of a source."""


class DirectOutlet:
    """An `Outlet` that leads to a Receiver. Nothing is sent from here, so nothing blocks."""

    def __init__(self, mid: str, receiver: Receiver) -> None:
        self.mid = mid
        self.new_fan: FanFactory | None = None
        self._receiver = receiver
        # What it carries; None at rest.
        self._source: str | None = None

    @property
    def sent(self) -> Sent:
        """Nothing: this client is sent frames of sound, not packets."""
        return Sent()

    def forward(self, source: str, packet: AudioPacket) -> None:
        if source != self._source:
            self.rest()
            self._source = source
        self._receiver.take(source, packet)

    def rest(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            self._receiver.rest(source)

    def flush(self) -> None:
        """Frames are handed over at once."""
