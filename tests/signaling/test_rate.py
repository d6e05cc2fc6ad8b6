"""The token bucket."""

from signaling.rate import Rate


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_and_then_the_rate() -> None:
    """What is allowed at once comes first; then one more for each that was earned."""
    clock = Clock()
    rate = Rate(50, 100, clock)
    assert sum(rate.allows() for _ in range(1000)) == 100
    clock.seconds += 1
    assert sum(rate.allows() for _ in range(1000)) == 50


def test_patience_earns_no_more_than_a_burst() -> None:
    """An hour of silence is worth one burst."""
    clock = Clock()
    rate = Rate(50, 100, clock)
    clock.seconds += 3600
    assert sum(rate.allows() for _ in range(1000)) == 100
