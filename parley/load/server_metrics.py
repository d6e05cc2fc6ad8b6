"""What a server says of itself: its histograms before and after a run."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from parley.client.address import Address
from parley.load.distribution import Distribution, of_buckets

# Histograms of stages, and the label that tells them apart; of a label that is not named, all are added up.
_STAGES = {
    "parley_utterance_stage_seconds": "stage",
    "parley_pipeline_stage_seconds": "stage",
    "parley_voice_latency_seconds": "",
    "parley_pipeline_seconds": "",
}
_TIMEOUT_S = 10.0

Buckets = dict[str, dict[float, float]]
"""By a stage's name, how many values are not above each limit, in seconds."""


def read_buckets(text: str) -> Buckets:
    """Read what `/metrics` gives.

    Raises:
        ValueError: it is not in Prometheus's form.
    """
    found: Buckets = defaultdict(lambda: defaultdict(float))
    for family in text_string_to_metric_families(text):
        label = _STAGES.get(family.name)
        if label is None:
            continue
        short = family.name.removeprefix("parley_").removesuffix("_seconds")
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                name = f"{short}.{sample.labels[label]}" if label else short
                found[name][float(sample.labels["le"])] += sample.value
    return {name: dict(buckets) for name, buckets in found.items()}


def between(before: Buckets, after: Buckets) -> dict[str, Distribution]:
    """Give the percentiles of what came in between, of each stage in which anything did."""
    found = {}
    for name, buckets in sorted(after.items()):
        earlier: Mapping[float, float] = before.get(name, {})
        distribution = of_buckets({limit: count - earlier.get(limit, 0.0) for limit, count in buckets.items()})
        if distribution.n > 0:
            found[name] = distribution
    return found


def added(all_buckets: Sequence[Buckets]) -> Buckets:
    """Add up those of several processes."""
    found: Buckets = defaultdict(lambda: defaultdict(float))
    for each in all_buckets:
        for name, buckets in each.items():
            for limit, count in buckets.items():
                found[name][limit] += count
    return {name: dict(buckets) for name, buckets in found.items()}


async def scrape(http: aiohttp.ClientSession, urls: Sequence[str]) -> Buckets:
    """Read the histograms of all these servers; one that says nothing is left out."""
    found = []
    for url in urls:
        try:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
            async with http.get(Address(url).page("metrics"), timeout=timeout) as response:
                if response.ok:
                    found.append(read_buckets(await response.text()))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            continue
    return added(found)
