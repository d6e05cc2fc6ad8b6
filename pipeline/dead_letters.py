"""Dead letters from what failed."""

from collections.abc import Sequence

from pipeline.bus.bus import Record
from pipeline.job import Failure
from pipeline.messages.codec import encode
from pipeline.messages.dead_letter import DeadLetter


def dead_letter(record: Record, failure: Failure, whole: Sequence[Record], *, stage: str, version: str) -> DeadLetter:
    """Keep the record at which it failed, with `whole`: all the records it takes to try again."""
    return DeadLetter(
        stage=stage,
        error=type(failure.error).__name__,
        message=str(failure.error),
        attempts=failure.attempts,
        original_topic=record.topic,
        original_key=record.key,
        original_partition=record.partition,
        original_offset=record.offset,
        original_headers=dict(record.headers),
        originals=tuple(encode(one.message) for one in whole),
        first_failed_at_ms=failure.first_failed_at_ms,
        worker_version=version,
    )
