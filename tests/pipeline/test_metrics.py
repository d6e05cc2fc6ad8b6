"""What a worker counts and measures."""

from prometheus_client import Counter, Gauge, Histogram

from pipeline import metrics

FEW = {"stage", "engine", "source", "target", "outcome", "reason", "error"}


def test_labels_are_few_and_names_are_ours() -> None:
    """No rooms, no people, no ids; every name begins with the product's."""
    found = [metric for metric in vars(metrics).values() if isinstance(metric, Counter | Gauge | Histogram)]
    assert len(found) > 5
    for metric in found:
        assert metric._name.startswith("parley_pipeline_")
        assert set(metric._labelnames) <= FEW
