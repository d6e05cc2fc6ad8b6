"""Percentiles of values and of histograms."""

import math

import numpy as np
import pytest

from parley.load.distribution import Distribution, of_buckets, of_values


def test_percentiles_of_values() -> None:
    """In milliseconds, from seconds."""
    found = of_values([number / 1000 for number in range(101)])
    assert found == Distribution(n=101, p50_ms=50.0, p95_ms=95.0, p99_ms=99.0)


def test_nothing_has_no_percentiles() -> None:
    """Neither values nor histograms."""
    assert of_values([]) == of_buckets({}) == of_buckets({0.1: 0, math.inf: 0}) == Distribution(n=0)


def test_percentiles_of_a_histogram() -> None:
    """Values lie evenly within a bucket."""
    found = of_buckets({0.1: 50, 0.2: 100, math.inf: 100})
    assert (found.n, found.p50_ms, found.p95_ms) == (100, 100.0, 190.0)


def test_what_is_beyond_the_last_limit_counts_as_the_limit() -> None:
    """More is not known of it."""
    assert of_buckets({0.1: 0, math.inf: 10}).p99_ms == 100.0


def test_a_histogram_comes_near_the_values_in_it() -> None:
    """To within a bucket."""
    values = np.random.default_rng(1).gamma(2.0, 0.1, 5_000)
    limits = (*np.arange(0.02, 2.0, 0.02), math.inf)
    found = of_buckets({float(limit): float((values <= limit).sum()) for limit in limits})
    true = of_values(list(values))
    assert found.p50_ms == pytest.approx(true.p50_ms, abs=20)
    assert found.p95_ms == pytest.approx(true.p95_ms, abs=20)
