"""What a process tells of itself."""

import pytest
from prometheus_client import REGISTRY

from parley.vitals import vitals
from pipeline.bus.memory import MemoryBus


def metric(name: str) -> float | None:
    return REGISTRY.get_sample_value(name)


async def test_facts_and_metrics_follow_the_process() -> None:
    """Asked anew each time: before there is a bus, while there is one, and after."""
    opened: list[MemoryBus] = []
    age: list[float | None] = [None]
    loaded: dict[str, str] = {}
    facts = vitals(
        "stt-rack4-0",
        bus=lambda: opened[0] if opened else None,
        record_age_s=lambda: age[0],
        engines=lambda: loaded,
    )
    told = {name: fact() for name, fact in facts.items()}
    assert isinstance(told.pop("errors"), int)
    assert told == {"instance_id": "stt-rack4-0", "engines": {}, "broker_reached": False, "last_record_age_s": None}
    assert metric("parley_last_record_age_seconds") == -1
    async with MemoryBus() as bus:
        opened.append(bus)
        age[0], loaded["recognition"] = 1.234, "pocketsphinx"
        assert (facts["broker_reached"](), facts["last_record_age_s"]()) == (True, 1.2)
        assert facts["engines"]() == {"recognition": "pocketsphinx"}
        assert metric("parley_last_record_age_seconds") == pytest.approx(1.2)
    assert facts["broker_reached"]() is False


def test_only_who_has_clients_counts_them() -> None:
    """A worker has none."""
    facts = vitals("node-rack4-0", bus=lambda: None, record_age_s=lambda: None, engines=dict, clients=lambda: 7)
    assert facts["clients"]() == 7
    assert "clients" not in vitals("stt-rack4-0", bus=lambda: None, record_age_s=lambda: None, engines=dict)


def test_metrics_say_which_process_it_is() -> None:
    """With the version that runs."""
    vitals("tts-rack4-1", bus=lambda: None, record_age_s=lambda: None, engines=dict)
    (info,) = [metric for metric in REGISTRY.collect() if metric.name == "parley_instance"]
    assert info.samples[0].labels["instance_id"] == "tts-rack4-1"
    assert info.samples[0].labels["version"].count(".") == 2
