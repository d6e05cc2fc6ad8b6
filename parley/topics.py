"""The topics on a Kafka cluster, in words for people."""

from collections.abc import Sequence

from pipeline.bus.kafka.topics import Difference, KafkaTopics
from pipeline.bus.topics import Topic
from pipeline.bus.topics import topics as all_topics
from pipeline.settings import KafkaSettings


def wanted(settings: KafkaSettings) -> tuple[Topic, ...]:
    """Give the topics that there should be."""
    return all_topics(settings.partitions)


async def create(settings: KafkaSettings) -> tuple[list[str], bool]:
    """Make what is missing, and set right what can be. Returns what was done, and whether all is well now.

    Raises:
        BusError: the cluster cannot be reached, or does not let us; its text says what to do.
    """
    mended, left = await KafkaTopics(settings, wanted(settings)).create()
    lines = [_done(difference) for difference in mended]
    return lines + _complaints(left) or ["all topics are as they should be; nothing to do"], not left


async def check(settings: KafkaSettings) -> tuple[list[str], bool]:
    """Say what differs from how it should be. Returns that, and whether all is well.

    Raises:
        BusError: as `create`.
    """
    found = await KafkaTopics(settings, wanted(settings)).check()
    lines = [str(difference) for difference in found if difference.is_mendable]
    if lines:
        lines.append("`parley topics create` sets this right")
    lines += _complaints([difference for difference in found if not difference.is_mendable])
    return lines or ["all topics are as they should be"], not found


def _done(difference: Difference) -> str:
    if not difference.what:
        return f"{difference.topic}: created"
    return f"{difference.topic}: {difference.what} is {difference.expected} now; it was {difference.found}"


def _complaints(left: Sequence[Difference]) -> list[str]:
    lines = [str(difference) for difference in left]
    if lines:
        lines.append(
            "Partitions cannot be changed without mixing up the order of what is there: set pipeline.kafka.partitions "
            "to what the topics have, or stop all of Parley, delete them, and let `parley topics create` make them"
        )
    return lines
