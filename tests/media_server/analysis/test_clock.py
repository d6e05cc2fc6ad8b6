"""The stream's clock."""

import pytest

from media_server.analysis.clock import StreamClock


def test_the_fastest_packet_says_when() -> None:
    """Packets only ever come late, so the least late one is right."""
    clock = StreamClock()
    for position, arrived in ((0.02, 100.05), (0.04, 100.04), (0.06, 100.16)):
        clock.observe(position, arrived)
    assert clock.at(0.06) == pytest.approx(100.06, abs=0.001)


def test_it_follows_a_slow_sender() -> None:
    """A sender's clock that runs 100 ppm slow is followed within a few ms."""
    clock = StreamClock()
    for n in range(1, 30_000):
        clock.observe(n * 0.02, 100 + n * 0.020002)
    assert clock.at(600) == pytest.approx(700.06, abs=0.005)


@pytest.mark.parametrize("late", [0.0, 0.3])
def test_what_arrives_now_takes_as_long_as_the_newest_packet(late: float) -> None:
    """As long after the newest packet as now is, sound is due that was spoken as long after it."""
    clock = StreamClock()
    clock.observe(0.02, 100.0)
    clock.observe(0.04, 100.02 + late)
    assert clock.arriving(100.06 + late) == pytest.approx(clock.at(0.08))


def test_a_delay_that_falls_is_believed_at_once() -> None:
    """A faster packet says how long packets take now, and when sound was spoken."""
    clock = StreamClock()
    for position, arrived in ((0.02, 100.0), (0.04, 100.32), (0.06, 100.04), (0.08, 99.9)):
        clock.observe(position, arrived)
    assert clock.arriving(99.9) == pytest.approx(clock.at(0.08))


def test_a_reset_forgets_the_stream() -> None:
    """A new stream has nothing to do with the old one's time."""
    clock = StreamClock()
    clock.observe(5, 100)
    clock.observe(5.02, 101)
    clock.reset()
    assert clock.arriving(200) == 200
    clock.observe(0.02, 200)
    assert clock.at(0.02) == 200
