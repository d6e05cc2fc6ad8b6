"""How far ahead of real time a client may be."""

import pytest

from signaling.audio.pace import Pace


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_who_sends_in_real_time_never_waits() -> None:
    """Nor who stood still for a while."""
    time = Time()
    pace = Pace(2.0, time)
    for _ in range(100):
        assert pace.take(0.1) == 0
        time.now += 0.1
    time.now += 60
    assert pace.take(1.0) == 0


def test_what_is_ahead_is_read_no_faster_than_it_is_spoken() -> None:
    """So much at once, then each second takes a second."""
    time = Time()
    pace = Pace(2.0, time)
    waits = []
    for _ in range(6):
        waits.append(pace.take(1.0))
        time.now += waits[-1]
    assert waits == [0, 0, pytest.approx(1), pytest.approx(1), pytest.approx(1), pytest.approx(1)]


def test_tiny_messages_count_as_ten_milliseconds() -> None:
    """A flood of nothing is no faster than a hundred a second."""
    time = Time()
    pace = Pace(1.0, time)
    assert [pace.take(0.0) for _ in range(100)] == [pytest.approx(0, abs=1e-6)] * 100
    assert pace.take(0.0) == pytest.approx(0.01)
