"""The time of day."""

import time

from pipeline.clock import now_ms


def test_the_present_is_in_milliseconds_since_1970() -> None:
    """As an integer."""
    assert abs(now_ms() - time.time() * 1000) < 1000
    assert isinstance(now_ms(), int)
