"""What one source sent lately."""

from media_server.packet import AudioPacket
from media_server.recent import LENGTH, Recent


def packet(number: int) -> AudioPacket:
    return AudioPacket(number & 0xFFFF, number * 960 & 0xFFFFFFFF, b"\x78sound", None, None, 0.0)


def test_the_last_packets_are_found_by_their_numbers() -> None:
    """The oldest makes room; numbers that wrap around change nothing."""
    recent = Recent()
    for number in range(65_500, 65_500 + LENGTH + 1):
        recent.keep("ana", packet(number))
    assert recent.find("ana", 65_500) is None
    for number in range(65_501, 65_500 + LENGTH + 1):
        assert recent.find("ana", number & 0xFFFF) == packet(number)


def test_what_never_came_is_not_found() -> None:
    """A hole, a number to come, and another source's packet of that number."""
    recent = Recent()
    recent.keep("ana", packet(1))
    recent.keep("ana", packet(3))
    assert recent.find("ana", 2) is None
    assert recent.find("ana", 4) is None
    assert recent.find("ben", 1) is None
