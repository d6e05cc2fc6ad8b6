"""Topics on a Kafka cluster: what they should be, what they are, and making the one of the other."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from pipeline.bus.bus import BusError
from pipeline.bus.kafka.cluster import KafkaCluster
from pipeline.bus.kafka.consumer import started
from pipeline.bus.kafka.reach import in_words, reach
from pipeline.bus.topics import KIB, Topic
from pipeline.settings import KafkaSettings

R = TypeVar("R")

_LOOK_S = 0.05
"""Between two looks for topics that were made a moment ago."""

_SET_ON_TOPIC = 1
"""Where a value comes from, in Kafka's words: DYNAMIC_TOPIC_CONFIG."""

_BROKERS_MOST_BYTES = 1024 * KIB
"""Of a record, unless a topic says otherwise: message.max.bytes of a broker."""
_BATCH_BYTES = 16 * KIB
"""What the limit must leave for what Kafka puts around a record."""


@dataclass(frozen=True)
class Found:
    """A topic as it is on the cluster."""

    # 0: it is not there.
    partitions: int = 0
    # Everything that is set, defaults included.
    config: Mapping[str, str] = field(default_factory=dict)
    # Of that, what was set for this topic.
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One thing about a topic that is not as it should be."""

    topic: str
    # "partitions", or the name of a setting of Kafka; empty: there is no such topic.
    what: str
    expected: str
    found: str
    # Whether `create` can set it right. A number of partitions it cannot: keys would change their partition.
    is_mendable: bool = True

    def __str__(self) -> str:
        if not self.what:
            return f"{self.topic}: missing"
        return f"{self.topic}: {self.what} is {self.found} instead of {self.expected}"


def config_of(topic: Topic) -> dict[str, str]:
    """Give what is to be set for a topic on a broker."""
    config = {"segment.ms": str(topic.segment_ms)}
    if topic.retention_ms is None:
        # Compacted early: whoever comes late reads all of it.
        # And soon: a voice that was taken back is not to be read any more.
        config |= {
            "cleanup.policy": "compact",
            "min.cleanable.dirty.ratio": "0.1",
            "max.compaction.lag.ms": str(topic.segment_ms),
        }
    else:
        config |= {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}
    if topic.max_bytes > _BROKERS_MOST_BYTES:
        config["max.message.bytes"] = str(topic.max_bytes + _BATCH_BYTES)
    return config


def differences(topics: Iterable[Topic], prefix: str, found: Mapping[str, Found]) -> list[Difference]:
    """Compare what there should be with what there is. No I/O."""
    result = []
    for topic in topics:
        name = prefix + topic.name
        here = found.get(name, Found())
        if not here.partitions:
            result.append(Difference(name, "", "", ""))
            continue
        if here.partitions != topic.partitions:
            expected, there = str(topic.partitions), str(here.partitions)
            result.append(Difference(name, "partitions", expected, there, is_mendable=False))
        for setting, value in config_of(topic).items():
            if here.config.get(setting) != value:
                result.append(Difference(name, setting, value, here.config.get(setting, "not set")))
    return result


class KafkaTopics:
    """Looks at a cluster's topics, and makes them what they should be."""

    def __init__(self, settings: KafkaSettings, topics: Iterable[Topic]) -> None:
        """Take the topics as they should be.

        Raises:
            BusUnavailableError: see `KafkaCluster`.
        """
        self._settings = settings
        self._topics = {settings.prefix + topic.name: topic for topic in topics}
        self._cluster = KafkaCluster(settings)

    async def check(self) -> list[Difference]:
        """Say what is not as it should be.

        Raises:
            BusUnavailableError: no broker answers, or it does not let us in.
            BusError: it does not allow this.
        """
        return await self._with_admin(self._differences)

    async def create(self) -> tuple[list[Difference], list[Difference]]:
        """Make what is missing, and set right what is not. Does nothing where all is well.

        Returns what was wrong and is not any more, and what still is.

        Raises:
            BusUnavailableError: no broker answers, or it does not let us in.
            BusError: it does not allow this.
        """
        return await self._with_admin(self._create)

    async def _with_admin(self, act: Callable[[AIOKafkaAdminClient, Mapping[str, int]], Awaitable[R]]) -> R:
        # The first contact says in words what is wrong, if anything is.
        counts = await reach(self._settings, self._cluster, self._topics.values())
        admin = self._cluster.admin()
        try:
            await admin.start()
            return await act(admin, counts)
        except (OSError, TimeoutError) as error:
            raise in_words(self._settings.bootstrap_servers, error) from error
        except KafkaError as error:
            raise BusError(f"the broker refuses: {error}") from error
        finally:
            await admin.close()

    async def _create(
        self, admin: AIOKafkaAdminClient, counts: Mapping[str, int]
    ) -> tuple[list[Difference], list[Difference]]:
        found = await self._found(admin, counts)
        wrong = differences(self._topics.values(), self._settings.prefix, found)
        mended = [one for one in wrong if one.is_mendable]
        if not mended:
            return [], wrong
        missing = [self._topics[one.topic] for one in mended if not one.what]
        await self._make(admin, missing)
        for name in {one.topic: None for one in mended if one.what}:
            config = {**found[name].own, **config_of(self._topics[name])}
            for answer in await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, config)]):
                _check((resource[0], resource[1]) for resource in answer.resources)
        return mended, await self._outcome(admin)

    async def _outcome(self, admin: AIOKafkaAdminClient) -> list[Difference]:
        """Say what is still wrong. What was made or set a moment ago is not known everywhere at once."""
        deadline = time.monotonic() + self._settings.open_limit_s
        while True:
            left = await self._differences(admin, await reach(self._settings, self._cluster, self._topics.values()))
            if not any(one.is_mendable for one in left) or time.monotonic() > deadline:
                return left
            await asyncio.sleep(_LOOK_S)

    async def _make(self, admin: AIOKafkaAdminClient, topics: list[Topic]) -> None:
        if not topics:
            return
        prefix, replication = self._settings.prefix, self._settings.replication
        answer = await admin.create_topics(
            [
                NewTopic(prefix + topic.name, topic.partitions, replication, topic_configs=config_of(topic))
                for topic in topics
            ]
        )
        # Somebody else may have been quicker.
        _check(((error[1], error[2]) for error in answer.topic_errors), harmless=TopicAlreadyExistsError)
        # Brokers name the leader of a new partition before that has opened it, and then nothing can be written there.
        partitions = [TopicPartition(prefix + topic.name, one) for topic in topics for one in range(topic.partitions)]
        async with started(self._cluster.reader(), self._settings) as reader:
            await reader.end_offsets(partitions)

    async def _differences(self, admin: AIOKafkaAdminClient, counts: Mapping[str, int]) -> list[Difference]:
        return differences(self._topics.values(), self._settings.prefix, await self._found(admin, counts))

    async def _found(self, admin: AIOKafkaAdminClient, counts: Mapping[str, int]) -> dict[str, Found]:
        there = [name for name, partitions in counts.items() if partitions]
        if not there:
            return {}
        found = {}
        for answer in await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in there]):
            _check((resource[0], resource[1]) for resource in answer.resources)
            for _, _, _, name, entries in answer.resources:
                config = {entry[0]: entry[1] for entry in entries}
                own = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_ON_TOPIC}
                found[name] = Found(counts[name], config, own)
        return found


def _check(errors: Iterable[tuple[int, str | None]], harmless: type[KafkaError] = NoError) -> None:
    for code, message in errors:
        error = for_code(code)
        if error not in (NoError, harmless):
            raise error(message or "")
