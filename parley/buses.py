"""Which bus the settings name."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

from pipeline.bus.bus import Bus
from pipeline.bus.memory import MemoryBus
from pipeline.settings import KAFKA_SCHEME, MEMORY, KafkaSettings, PipelineSettings


def is_remote(settings: PipelineSettings) -> bool:
    """Say whether messages leave this process: then the workers may be anywhere."""
    return settings.bus_url != MEMORY


def kafka_settings(settings: PipelineSettings) -> KafkaSettings:
    """Give the cluster that the settings name. The brokers in `bus_url` win over `kafka.bootstrap_servers`.

    Raises:
        ValueError: the bus is not Kafka.
    """
    if not is_remote(settings):
        raise ValueError(f"the bus is {settings.bus_url}, not Kafka")
    brokers = settings.bus_url.removeprefix(KAFKA_SCHEME)
    return replace(settings.kafka, bootstrap_servers=brokers) if brokers else settings.kafka


def open_bus(settings: PipelineSettings) -> "AbstractAsyncContextManager[Bus, Any]":
    """Make the bus that `pipeline.bus_url` names; `async with` opens it, and raises what `KafkaBus` does.

    Raises:
        BusUnavailableError: on entering: no broker there, or it does not take these credentials.
        TopicsError: on entering: topics are missing, or have another number of partitions.
    """
    if not is_remote(settings):
        return MemoryBus(settings.bus)
    # Not before it is wanted: a system on the memory bus needs no Kafka library.
    from pipeline.bus.kafka.bus import KafkaBus

    return KafkaBus(kafka_settings(settings))
