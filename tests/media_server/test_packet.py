"""A packet on its way."""

import pytest

from media_server.packet import CLOCK_RATE, AudioPacket


def test_a_packet_cannot_be_changed_on_its_way() -> None:
    """Many listeners share one packet: none may change it for the others."""
    packet = AudioPacket(1, 960, b"opus", 30, True, 0.0)
    with pytest.raises(AttributeError):
        packet.payload = b"other"  # type: ignore[misc]


def test_the_clock_of_opus_does_not_depend_on_the_sound() -> None:
    """RFC 7587 section 4.1: 48 kHz, so 20 ms are 960 ticks."""
    assert CLOCK_RATE * 20 // 1000 == 960
