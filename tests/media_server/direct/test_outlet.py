"""A slot that leads to whoever makes frames."""

from media_server.direct.outlet import DirectOutlet
from media_server.packet import AudioPacket

PACKET = AudioPacket(1, 960, b"opus", None, None, 0.0)


class Log:
    """A Receiver that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def take(self, source: str, packet: AudioPacket) -> None:
        self.told.append(("take", source))

    def rest(self, source: str) -> None:
        self.told.append(("rest", source))


def test_packets_and_rests_are_handed_on_with_their_source() -> None:
    """A source that is displaced comes to rest; a rest at rest is nothing."""
    log = Log()
    outlet = DirectOutlet("1", log)
    outlet.rest()
    outlet.forward("floor:ann:1", PACKET)
    outlet.forward("floor:bob:2", PACKET)
    outlet.flush()
    outlet.rest()
    outlet.rest()
    assert log.told == [
        ("take", "floor:ann:1"),
        ("rest", "floor:ann:1"),
        ("take", "floor:bob:2"),
        ("rest", "floor:bob:2"),
    ]
