"""The time of day as messages carry it."""

import time
from collections.abc import Callable

NowMs = Callable[[], int]
"""Gives the present as epoch milliseconds; tests give their own."""


def now_ms() -> int:
    """Give the present as epoch milliseconds."""
    return time.time_ns() // 1_000_000
