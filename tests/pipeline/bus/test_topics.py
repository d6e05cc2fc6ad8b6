"""The list of topics."""

import tomllib
import zlib

from pipeline.bus.topics import HOUR_MS, MINUTE_MS, TOPICS, topics
from pipeline.messages.codec import SCHEMAS
from tests.support.source_tree import ROOT


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


def test_the_list_for_people_says_the_same() -> None:
    """infra/kafka/topics.toml, in the same order."""
    spelled = {10 * MINUTE_MS: "10 min", 24 * HOUR_MS: "24 h", None: "newest"}
    told = tomllib.loads((ROOT / "infra" / "kafka" / "topics.toml").read_text())["topic"]
    assert [(each["name"], each["partitions"], each["retention"]) for each in told] == [
        (topic.name, topic.partitions, spelled[topic.retention_ms]) for topic in TOPICS
    ]
    assert all({"message", "key", "written_by", "read_by"} <= set(each) for each in told)


def test_the_topics_between_the_stages_have_as_many_partitions_as_is_said() -> None:
    """The others have few records."""
    assert [topic.partitions for topic in topics(48)] == [48, 48, 48, 48, 3, 1, 1]


def test_files_are_cut_well_within_the_retention() -> None:
    """Only whole files are deleted; the newest is never."""
    assert all(topic.segment_ms * 10 <= topic.retention_ms for topic in TOPICS if topic.retention_ms is not None)
