"""The level gate: what passes, and that no onset is cut."""

import pytest

from media_server.analysis.gate import MAX_KEPT, LevelGate
from media_server.packet import AudioPacket
from tests.media_server.analysis.streams import packet

SILENT, LOUD = 90, 30


def gate(level: int = 60) -> LevelGate:
    return LevelGate(level=level, hangover_ms=1000, keep_ms=500)


def passed(gate: LevelGate, packets: list[AudioPacket]) -> list[int]:
    return [out.sequence_number for each in packets for out in gate.push(each)]


def test_silence_does_not_pass() -> None:
    """A minute of silence is not decoded."""
    assert passed(gate(), [packet(n, level=SILENT) for n in range(3000)]) == []


def test_packets_without_a_level_pass() -> None:
    """A sender that says nothing about its level is decoded always."""
    assert passed(gate(), [packet(n) for n in range(5)]) == [0, 1, 2, 3, 4]


def test_the_voice_bit_does_not_open_the_gate() -> None:
    """Silence is not decoded though its sender calls it voice, as Chromium does while its own processing is off."""
    assert passed(gate(), [packet(0, level=SILENT, voice=True)]) == []


def test_the_sound_before_the_onset_comes_first() -> None:
    """The 500 ms before the gate opened come out before the packet that opened it, in order, without a hole."""
    packets = [packet(n, level=LOUD if n == 100 else SILENT) for n in range(101)]
    assert passed(gate(), packets) == list(range(75, 101))


def test_it_says_when_packets_were_left_out() -> None:
    """Whoever decodes has to know that what comes does not follow on what came."""
    short, long = gate(), gate()
    for n in range(10):
        short.push(packet(n, level=SILENT))
    for n in range(100):
        long.push(packet(n, level=SILENT))
    short.push(packet(10, level=LOUD))
    long.push(packet(100, level=LOUD))
    assert (short.skipped, long.skipped) == (False, True)


def test_it_stays_open_for_a_second() -> None:
    """Pauses pass: the segmenter has to hear how long they are."""
    packets = [packet(n, level=LOUD if n == 0 else SILENT) for n in range(100)]
    assert passed(gate(), packets) == list(range(51))


@pytest.mark.parametrize(("level", "passes"), [(127, True), (0, False)])
def test_its_level_can_be_set_to_either_end(level: int, passes: bool) -> None:
    """127 lets everything pass, digital silence included, and 0 nothing."""
    assert bool(passed(gate(level), [packet(0, level=127 if passes else 1)])) is passes


def test_what_it_keeps_is_bounded() -> None:
    """A sender whose time stands still fills no memory."""
    closed = gate()
    for n in range(MAX_KEPT * 2):
        closed.push(packet(n, level=SILENT)._replace(timestamp=0))
    assert len(closed.push(packet(MAX_KEPT * 2, level=LOUD)._replace(timestamp=0))) == MAX_KEPT + 1


def test_a_reset_forgets_what_was_kept() -> None:
    """After a reset no old sound comes out."""
    closed = gate()
    closed.push(packet(0, level=SILENT))
    closed.reset()
    assert passed(closed, [packet(1, level=LOUD)]) == [1]
