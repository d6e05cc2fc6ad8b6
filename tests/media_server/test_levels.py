"""How loud somebody is."""

from media_server.levels import LevelMeter
from media_server.packet import AudioPacket
from media_server.settings import MediaSettings


def packet(at: float, level: int | None, *, voice: bool | None = None, payload: bytes = b"opus") -> AudioPacket:
    return AudioPacket(0, 0, payload, level, voice, at)


def meter_after(levels: list[int]) -> LevelMeter:
    meter = LevelMeter(MediaSettings())
    for number, level in enumerate(levels):
        meter.heard(packet(number * 0.02, level))
    return meter


def test_sound_is_told_from_silence() -> None:
    """A packet louder than the threshold carries sound; the voice bit, set on silence by Chromium, says nothing."""
    meter = LevelMeter(MediaSettings())
    assert meter.heard(packet(0.0, 30))
    assert not meter.heard(packet(0.02, 80))
    assert not meter.heard(packet(0.04, 127, voice=True))


def test_without_levels_the_size_tells() -> None:
    """A sender that tells no level is heard unless it sends the packets of a pause."""
    meter = LevelMeter(MediaSettings())
    assert meter.heard(packet(0.0, None))
    assert not meter.heard(packet(0.02, None, payload=b"\xf8"))


def test_talking_begins_soon_and_ends_late() -> None:
    """A loud voice shows within 100 ms; a pause between words does not end it, half a second does."""
    meter = meter_after([30] * 5)
    assert meter.talking(0.1)
    meter.heard(packet(0.12, 127))
    assert meter.talking(0.3)
    assert not meter.talking(1.0)


def test_room_noise_is_not_talking() -> None:
    """What is only just louder than silence counts as sound, but nobody is shown as talking."""
    meter = meter_after([60] * 100)
    assert not meter.talking(2.0)
    assert meter.loudness(2.0) is not None


def test_loudness_follows_the_voice() -> None:
    """The smoothed level nears the packets' own; without packets there is none."""
    meter = meter_after([30] * 20)
    loudness = meter.loudness(0.4)
    assert loudness is not None
    assert abs(loudness + 30) < 1
    assert meter.loudness(1.0) is None


def test_reset_forgets() -> None:
    """A microphone that was switched off is silent."""
    meter = meter_after([30] * 20)
    meter.reset()
    assert meter.loudness(0.4) is None
    assert not meter.talking(0.4)


def test_a_level_counts_without_a_packet() -> None:
    """Of who sends no packets, 20 ms at a time."""
    meter = LevelMeter(MediaSettings())
    assert meter.note(30, 0.0)
    assert not meter.note(80, 0.02)
    assert meter.loudness(0.02) is not None
