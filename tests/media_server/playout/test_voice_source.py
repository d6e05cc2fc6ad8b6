"""A voice numbered like a microphone."""

from media_server.packet import VoiceOrigin
from media_server.playout.voice_source import VoiceSource


def test_packets_are_numbered_without_holes() -> None:
    """Each packet is the next in sequence and 20 ms further in time."""
    source = VoiceSource("ann", "es")
    first, second = source.packet(b"1", 5.0), source.packet(b"2", 5.02)
    assert second.sequence_number - first.sequence_number == 1
    assert second.timestamp - first.timestamp == 960
    assert (second.payload, second.arrived) == (b"2", 5.02)


def test_numbers_wrap() -> None:
    """After 65,535 comes 0."""
    source = VoiceSource("ann", "es")
    packets = [source.packet(b"", 0.0) for _ in range(0x10001)]
    assert packets[0xFFFE].sequence_number == 0xFFFF
    assert packets[0xFFFF].sequence_number == 0


def test_sources_are_told_apart() -> None:
    """The same person's next voice in the same language is another source: it numbers anew."""
    assert VoiceSource("ann", "es").name != VoiceSource("ann", "es").name


def test_packets_say_which_clause_they_are_of() -> None:
    """Whoever makes messages of them can tell utterances, and how late a voice is."""
    origin = VoiceOrigin("u1", 5_000, "es")
    assert VoiceSource("ann", "es").packet(b"1", 5.0, origin).origin == origin
    assert VoiceSource("ann", "es").packet(b"1", 5.0).origin is None
