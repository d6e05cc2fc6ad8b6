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


def test_a_reset_forgets_the_stream() -> None:
    """A new stream has nothing to do with the old one's time."""
    clock = StreamClock()
    clock.observe(5, 100)
    clock.reset()
    clock.observe(0.02, 200)
    assert clock.at(0.02) == 200
