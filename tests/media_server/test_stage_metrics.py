"""Histograms of what the ledger knows."""

import msgspec
from prometheus_client import REGISTRY

from media_server.stage_metrics import observe
from tests.media_server.test_figures import CLAUSE, figures


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{name}_count", labels) or 0.0


async def test_each_stage_is_observed_once_an_utterance() -> None:
    """Those of the clause with the last words; the whole way once for the pair of languages."""
    stages = ("ending", "recognition", "translation", "synthesis", "return", "playout")
    before = [count("parley_utterance_stage_seconds", stage=stage) for stage in stages]
    whole = count("parley_voice_latency_seconds", source="en", target="es")
    observe(figures(CLAUSE))
    after = [count("parley_utterance_stage_seconds", stage=stage) for stage in stages]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1] * 6
    assert count("parley_voice_latency_seconds", source="en", target="es") - whole == 1


async def test_a_clause_that_is_not_the_last_one_says_nothing_of_the_end() -> None:
    """Its voice may have been there long before."""
    before = count("parley_voice_latency_seconds", source="en", target="es")
    observe(msgspec.structs.replace(figures(CLAUSE), last_clause=3))
    assert count("parley_voice_latency_seconds", source="en", target="es") == before
