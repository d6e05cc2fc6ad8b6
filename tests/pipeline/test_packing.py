"""Packets in records, and how fast to speak."""

import pytest

from pipeline.packing import Packing, speed_for
from pipeline.settings import SynthesisSettings

SETTINGS = SynthesisSettings()


def test_the_first_record_is_small_and_later_ones_are_full() -> None:
    """Two, ten, and what is left."""
    packing = Packing(SETTINGS)
    records = [record for _ in range(15) if (record := packing.add(b"x", 0))]
    assert [len(record) for record in (*records, packing.take())] == [2, 10, 3]
    assert packing.index == 3


def test_a_record_does_not_wait_long_to_be_full() -> None:
    """Once its first packet is 20 ms old, it goes with the next one."""
    packing = Packing(SETTINGS)
    assert [bool(packing.add(b"x", at_ms)) for at_ms in (0, 20, 40, 59, 60)] == [False, True, False, False, True]


@pytest.mark.parametrize(("backlog_ms", "speed"), [(0, 1.0), (1000, 1.0), (2500, 1.125), (4000, 1.25), (60_000, 1.25)])
def test_the_more_sound_waits_the_faster_it_goes(backlog_ms: int, speed: float) -> None:
    """Evenly between the two marks, and never beyond the fastest."""
    assert speed_for(backlog_ms, SETTINGS) == pytest.approx(speed)
