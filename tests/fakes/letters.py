"""Dead letters as workers write them."""

from msgspec.structs import replace

from pipeline.messages import DeadLetter, Message, Said
from pipeline.messages.codec import encode, headers
from tests.fakes.virtual_time import EPOCH_MS
from tests.pipeline.support import transcript


def letter(*originals: Message, offset: int = 7, **more: object) -> DeadLetter:
    """Give the letter of one or more records; of a final Spanish-bound clause if none is given."""
    kept = originals or (transcript("hello", final=True, utterance=f"u{offset}"),)
    first = kept[0]
    made = DeadLetter(
        stage="translation",
        error="EngineError",
        message="busy",
        attempts=5,
        original_topic=first.TOPIC,
        original_key=first.key,
        original_partition=1,
        original_offset=offset,
        original_headers=headers(first),
        originals=tuple(map(encode, kept)),
        first_failed_at_ms=EPOCH_MS + offset,
        worker_version="1.0",
        utterance_id=first.utterance_id if isinstance(first, Said) else "",
    )
    return replace(made, **more)
