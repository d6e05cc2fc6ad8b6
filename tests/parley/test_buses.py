"""Which bus the settings name."""

from pathlib import Path

import pytest

from parley.buses import is_remote, kafka_settings, open_bus
from parley.errors import SettingError
from parley.settings import load
from pipeline.bus.kafka.bus import KafkaBus
from pipeline.bus.memory import MemoryBus
from pipeline.settings import KafkaSettings, PipelineSettings


def test_nothing_said_means_within_this_process() -> None:
    """The default needs nothing else to run."""
    assert isinstance(open_bus(PipelineSettings()), MemoryBus)
    assert not is_remote(PipelineSettings())


def test_an_address_of_brokers_means_kafka() -> None:
    """Its hosts are the brokers to ask first; what else the cluster needs stays as it was set."""
    settings = PipelineSettings(bus_url="kafka://one:9092,[::1]:9093", kafka=KafkaSettings(partitions=3))
    assert isinstance(open_bus(settings), KafkaBus)
    assert is_remote(settings)
    assert kafka_settings(settings) == KafkaSettings(bootstrap_servers="one:9092,[::1]:9093", partitions=3)


def test_an_address_without_brokers_takes_those_that_are_set() -> None:
    """And one with brokers wins over them."""
    set_ones = KafkaSettings(bootstrap_servers="set:9092")
    assert kafka_settings(PipelineSettings(bus_url="kafka://", kafka=set_ones)).bootstrap_servers == "set:9092"
    assert kafka_settings(PipelineSettings(bus_url="kafka://url:1", kafka=set_ones)).bootstrap_servers == "url:1"


def test_the_memory_bus_has_no_cluster() -> None:
    """Who needs one asks first."""
    with pytest.raises(ValueError, match="the bus is memory, not Kafka"):
        kafka_settings(PipelineSettings())


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PARLEY_PIPELINE__BUS_URL": "rabbit://host"}, "bus_url is 'rabbit://host', but it must be memory, or like"),
        ({"PARLEY_PIPELINE__BUS_URL": "kafka://host"}, "it must be memory, or like kafka://host:9092"),
        ({"PARLEY_PIPELINE__BUS_URL": "kafka://"}, "kafka.bootstrap_servers says no broker"),
        ({"PARLEY_PIPELINE__KAFKA__BOOTSTRAP_SERVERS": "host:9092"}, "bus_url is memory; kafka:// takes them"),
    ],
)
def test_an_address_that_is_none_is_refused(
    environment: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which setting, from where, and what it could be; brokers that nothing asks are refused as well."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError) as caught:
        load(environment=environment)
    assert said in str(caught.value)
    assert next(iter(environment)) in str(caught.value)
