"""The topics: one list, which `infra/kafka/topics.*` and the tests compare themselves with."""

import zlib
from typing import NamedTuple

from pipeline.messages import AudioChunk, DeadLetter, RoomSettings, Speech, Transcript, Translation, WorkerStatus

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

RECOGNITION_GROUP = "stt-worker-group"
TRANSLATION_GROUP = "translation-worker-group"
SYNTHESIS_GROUP = "tts-worker-group"


class Topic(NamedTuple):
    """A topic as it should be on a broker."""

    name: str
    partitions: int
    # How long records are kept; None where the newest of each key is kept instead (compaction).
    retention_ms: int | None

    def partition_of(self, key: str) -> int:
        """Say which partition a key belongs to: the same in every process and on every bus."""
        return zlib.crc32(key.encode()) % self.partitions


TOPICS = (
    Topic(AudioChunk.TOPIC, 12, 10 * MINUTE_MS),
    Topic(Transcript.TOPIC, 12, 24 * HOUR_MS),
    Topic(Translation.TOPIC, 12, 24 * HOUR_MS),
    Topic(Speech.TOPIC, 12, 10 * MINUTE_MS),
    Topic(DeadLetter.TOPIC, 3, 24 * HOUR_MS),
    Topic(WorkerStatus.TOPIC, 1, None),
    Topic(RoomSettings.TOPIC, 1, None),
)
