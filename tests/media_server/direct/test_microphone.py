"""A microphone without a browser."""

import numpy as np
import pytest

from media_server.direct.encoder import Encoder
from media_server.direct.microphone import MOST_MS, DirectMicrophone, level_of
from media_server.packet import AudioPacket
from tests.fakes.clock import FakeClock

LOUD = (np.sin(np.arange(320) / 5) * 8_000).astype(np.int16).tobytes()
QUIET = bytes(640)


class Door:
    """An Entrance that keeps what it gets, and wants packets if `heard`."""

    def __init__(self) -> None:
        self.heard = True
        self.sound = b""
        self.levels: list[tuple[float, int]] = []
        self.packets: list[AudioPacket] = []

    def hear_sound(self, pcm: bytes, arrived: float) -> None:
        self.sound += pcm

    def sounds(self, level: int, now: float) -> bool:
        self.levels.append((now - 1000.0, level))
        return self.heard

    def forward(self, packet: AudioPacket) -> None:
        self.packets.append(packet)


class CountingEncoder:
    """Numbers its packets."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def encode(self, pcm: bytes) -> bytes:
        self.frames.append(pcm)
        return b"%d" % len(self.frames)


class Booth:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.door = Door()
        self.encoders: list[CountingEncoder] = []
        self.microphone = DirectMicrophone(self.door, self.clock, self._encoder)

    def _encoder(self) -> Encoder:
        self.encoders.append(CountingEncoder())
        return self.encoders[-1]


@pytest.fixture
def booth() -> Booth:
    return Booth()


def test_a_message_is_analysed_at_once_and_forwarded_as_it_is_spoken(booth: Booth) -> None:
    """Recognition does not wait; listeners get 20 ms every 20 ms, the first at once."""
    booth.microphone.hear(LOUD * 5)
    assert len(booth.door.sound) == 5 * 640
    assert len(booth.door.packets) == 1
    booth.clock.advance(0.1)
    assert [round(at, 3) for at, _ in booth.door.levels] == [0.0, 0.02, 0.04, 0.06, 0.08]
    assert [packet.sequence_number for packet in booth.door.packets] == [0, 1, 2, 3, 4]
    assert [packet.timestamp for packet in booth.door.packets] == [0, 960, 1920, 2880, 3840]


def test_frames_are_cut_across_messages(booth: Booth) -> None:
    """10 ms at a time makes a packet of every second one; nothing is lost."""
    for place in range(10):
        booth.microphone.hear(LOUD[320 * (place % 2) :][:320])
        booth.clock.advance(0.01)
    assert booth.encoders[0].frames == [LOUD] * 5


def test_nothing_is_encoded_while_nobody_hears_it(booth: Booth) -> None:
    """Its level is noted all the same, so that listeners get slots; the numbering shows no loss afterwards."""
    booth.door.heard = False
    booth.microphone.hear(LOUD * 5)
    booth.clock.advance(0.1)
    assert (booth.encoders, len(booth.door.levels)) == ([], 5)
    booth.door.heard = True
    booth.microphone.hear(LOUD)
    (packet,) = booth.door.packets
    assert (packet.sequence_number, packet.timestamp) == (0, 5 * 960)


def test_time_without_sound_passes_for_listeners(booth: Booth) -> None:
    """A browser's jitter buffer must not take a pause for late packets."""
    booth.microphone.hear(LOUD)
    booth.clock.advance(0.52)
    booth.microphone.hear(LOUD)
    first, second = booth.door.packets
    assert second.timestamp - first.timestamp == pytest.approx(0.52 * 48_000, abs=2)
    assert second.sequence_number == first.sequence_number + 1


def test_what_piled_up_is_caught_up_with_in_the_pauses(booth: Booth) -> None:
    """After the network stood still, silent frames are left out until the sound is in time again."""
    for _ in range(50):
        booth.microphone.hear(LOUD)
        booth.clock.advance(0.02)
    booth.clock.advance(0.9)
    for _ in range(45):
        booth.microphone.hear(QUIET)
    booth.clock.advance(0.4)
    assert len(booth.door.levels) < 50 + 25
    assert len(booth.door.sound) == 95 * 640


def test_what_a_client_sends_ahead_keeps_its_pauses(booth: Booth) -> None:
    """Speech that was made elsewhere and pushed is spoken as it is."""
    booth.microphone.hear(LOUD * 25 + QUIET * 25)
    booth.microphone.hear(LOUD * 25 + QUIET * 25)
    booth.clock.advance(2.0)
    assert len(booth.door.packets) == 100


def test_what_waits_is_bounded(booth: Booth) -> None:
    """The oldest goes; recognition has had it."""
    for _ in range(8):
        booth.microphone.hear(LOUD * 50)
    booth.clock.advance(9.0)
    assert len(booth.door.packets) <= MOST_MS // 20 + 8
    assert len(booth.door.sound) == 400 * 640


def test_a_closed_microphone_is_silent(booth: Booth) -> None:
    """At once, with what waited dropped; idempotent."""
    booth.microphone.hear(LOUD * 5)
    booth.microphone.close()
    booth.microphone.close()
    booth.microphone.hear(LOUD)
    booth.clock.advance(1.0)
    assert (len(booth.door.packets), len(booth.door.sound)) == (1, 5 * 640)


@pytest.mark.parametrize(("frame", "level"), [(QUIET, 127), (b"\xff\x7f" * 320, 0), (LOUD, 15)])
def test_levels_are_those_of_rfc_6464(frame: bytes, level: int) -> None:
    """0 is the loudest there is, 127 silence."""
    assert level_of(frame) == pytest.approx(level, abs=1)
