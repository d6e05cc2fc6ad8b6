"""Percentiles of what was measured."""

from collections.abc import Sequence

import numpy as np


def percentile(values: Sequence[float], percent: float) -> float:
    """Give a percentile, rounded to a tenth; not a number if nothing was measured."""
    return round(float(np.percentile(values, percent)), 1) if values else float("nan")
