"""The list of topics."""

import zlib

from pipeline.bus.topics import TOPICS
from pipeline.messages.codec import SCHEMAS


def test_every_message_has_its_topic_and_every_topic_its_message() -> None:
    """Nothing can be published that has no place to go."""
    assert {topic.name for topic in TOPICS} == {schema.TOPIC for schema in SCHEMAS.values()}
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_sound_and_its_transcripts_have_equal_partition_counts() -> None:
    """A recognition worker finds the transcripts of its partition in the partition of the same number."""
    partitions = {topic.name: topic.partitions for topic in TOPICS}
    assert partitions["audio.raw"] == partitions["text.original"]


def test_a_key_has_the_same_partition_in_every_process() -> None:
    """The hash does not change from run to run, and reaches every partition."""
    topic = TOPICS[0]
    assert topic.partition_of("room/ann") == zlib.crc32(b"room/ann") % 12
    assert {topic.partition_of(f"room/{user}") for user in range(200)} == set(range(12))
