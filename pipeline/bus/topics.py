"""The topics: one list, which `infra/kafka/topics.toml` and the tests compare themselves with."""

import zlib
from typing import NamedTuple

from pipeline.messages import AudioChunk, DeadLetter, RoomSettings, Speech, Transcript, Translation, WorkerStatus

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
KIB = 1024
MIB = 1024 * KIB

PARTITIONS = 12
"""Of each of the four topics between the stages, where nothing else is said."""

RECOGNITION_GROUP = "stt-worker-group"
TRANSLATION_GROUP = "translation-worker-group"
SYNTHESIS_GROUP = "tts-worker-group"


class Topic(NamedTuple):
    """A topic as it should be on a broker."""

    name: str
    partitions: int
    # How long records are kept; None where the newest of each key is kept instead (compaction).
    retention_ms: int | None
    # A record with more is not read: it is no message of ours.
    max_bytes: int = 256 * KIB

    @property
    def segment_ms(self) -> int:
        """After how long a broker begins a new file: only whole files, not the newest, are deleted or compacted."""
        return 10 * MINUTE_MS if self.retention_ms is None else min(HOUR_MS, self.retention_ms // 10)

    def partition_of(self, key: str) -> int:
        """Say which partition a key belongs to: the same in every process and on every bus."""
        return zlib.crc32(key.encode()) % self.partitions


def topics(partitions: int = PARTITIONS) -> tuple[Topic, ...]:
    """Give all topics, with so many partitions of those between the stages."""
    return (
        Topic(AudioChunk.TOPIC, partitions, 10 * MINUTE_MS),
        Topic(Transcript.TOPIC, partitions, 24 * HOUR_MS),
        Topic(Translation.TOPIC, partitions, 24 * HOUR_MS),
        Topic(Speech.TOPIC, partitions, 10 * MINUTE_MS),
        Topic(DeadLetter.TOPIC, 3, 24 * HOUR_MS, max_bytes=2 * MIB),
        Topic(WorkerStatus.TOPIC, 1, None),
        Topic(RoomSettings.TOPIC, 1, None),
    )


TOPICS = topics()
