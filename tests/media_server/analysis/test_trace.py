"""What sounded when."""

import numpy as np

from media_server.analysis.spectrum import QUIETEST, Bands, bands_of
from media_server.analysis.trace import KEPT, Trace, frame_at

LOUD = (np.ones(320) * 8_000 * np.sin(np.arange(320))).astype("<i2").tobytes()


def test_what_was_noted_is_found_at_its_time() -> None:
    """And silence where nothing was, before and behind."""
    trace = Trace()
    trace.note(100, LOUD)
    trace.note(102, LOUD)
    found = trace.between(99, 103)
    assert found.shape == (5, len(bands_of(LOUD)))
    assert [bool((row > QUIETEST).any()) for row in found] == [False, True, False, True, False]
    assert trace.newest == 102


def test_nothing_is_measured_until_somebody_asks() -> None:
    """And then in the order in which it came, each frame once."""
    measured: list[bytes] = []

    def measure(sound: bytes) -> Bands:
        measured.append(sound)
        return bands_of(LOUD)

    trace = Trace(measure)
    for number in range(3):
        trace.note(number, b"%d" % number)
    assert not measured
    trace.between(0, 2)
    trace.between(0, 2)
    assert measured == [b"0", b"1", b"2"]


def test_only_the_last_seconds_are_kept() -> None:
    """Whatever was noted, and however long nobody asked."""
    trace = Trace()
    for number in range(3 * KEPT):
        trace.note(number, LOUD)
    assert (trace.between(0, KEPT) == QUIETEST).all()
    assert (trace.between(2 * KEPT, 3 * KEPT - 1).max(axis=1) > QUIETEST).all()


def test_frames_are_numbered_by_time() -> None:
    """Fifty a second."""
    assert frame_at(10.5) - frame_at(10.0) == 25
