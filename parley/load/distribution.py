"""Percentiles of what was measured, and of what a server's histograms say."""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """So many values, in milliseconds; None where there is none."""

    n: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


def of_values(values_s: Sequence[float]) -> Distribution:
    """Give the percentiles of some times, which are in seconds."""
    if not values_s:
        return Distribution(n=0)
    p50, p95, p99 = (round(float(each) * 1000, 1) for each in np.percentile(values_s, (50, 95, 99)))
    return Distribution(n=len(values_s), p50_ms=p50, p95_ms=p95, p99_ms=p99)


def of_buckets(buckets: Mapping[float, float]) -> Distribution:
    """Give the percentiles of a histogram: how many values are not above each limit, in seconds.

    Within a bucket values are taken to lie evenly, as Prometheus's `histogram_quantile` does; what is above the last
    limit counts as that limit.
    """
    limits = sorted(buckets)
    total = buckets[limits[-1]] if limits else 0
    if total <= 0:
        return Distribution(n=0)
    p50, p95, p99 = (round(_quantile(limits, buckets, share) * 1000, 1) for share in (0.5, 0.95, 0.99))
    return Distribution(n=round(total), p50_ms=p50, p95_ms=p95, p99_ms=p99)


def _quantile(limits: Sequence[float], buckets: Mapping[float, float], share: float) -> float:
    rank = share * buckets[limits[-1]]
    below, before = 0.0, 0.0
    for limit in limits:
        if buckets[limit] >= rank:
            if math.isinf(limit):
                return below
            inside = buckets[limit] - before
            return below + (limit - below) * ((rank - before) / inside if inside else 1.0)
        below, before = limit, buckets[limit]
    return below
