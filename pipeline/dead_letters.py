"""Dead letters from what failed."""

import functools
import importlib.metadata
from collections.abc import Awaitable, Callable, Sequence

import structlog

from pipeline.bus.bus import BusClosedError, Record
from pipeline.envelope import enclose
from pipeline.job import Failure
from pipeline.lane import utterance_of
from pipeline.messages.base import Message
from pipeline.messages.codec import encode
from pipeline.messages.dead_letter import DeadLetter
from pipeline.messages.unreadable import Unreadable
from pipeline.metrics import LETTERS
from pipeline.settings import WorkerSettings

MESSAGE_CHARACTERS = 500
"""Of an error's text; the rest is cut off."""

log = structlog.get_logger(__name__)


async def dead_letter(
    failure: Failure, whole: Sequence[Record], *, stage: str, settings: WorkerSettings, most_bytes: int | None = None
) -> DeadLetter:
    """Keep `whole`: all the records it takes to try again, in order. `most_bytes`: what of them a broker takes."""
    first = whole[0]
    envelope = await enclose([_original(one) for one in whole], most_bytes or settings.letter_bytes)
    return DeadLetter(
        stage=stage,
        error=failure.name,
        message=str(failure.error)[:MESSAGE_CHARACTERS],
        attempts=failure.attempts,
        original_topic=first.topic,
        original_key=first.key,
        original_partition=first.partition,
        original_offset=first.offset,
        original_headers=dict(first.headers),
        originals=envelope.originals,
        first_failed_at_ms=failure.first_failed_at_ms,
        worker_version=settings.version or _installed(),
        compression=envelope.compression,
        left_out_bytes=envelope.left_out_bytes,
        utterance_id=utterance_of(first) or "",
    )


class DeadLetterWriter:
    """Writes letters for one stage, and never stops a worker: what cannot be written even so is told in the log."""

    def __init__(self, stage: str, settings: WorkerSettings, publish: Callable[[Message], Awaitable[None]]) -> None:
        self._stage = stage
        self._settings = settings
        self._publish = publish

    async def write(self, failure: Failure, whole: Sequence[Record]) -> None:
        """Publish the letter; if the bus refuses it as it is, with hardly anything of the originals.

        Raises:
            BusClosedError: the bus is closed.
        """
        for most_bytes in (self._settings.letter_bytes, 1_000):
            try:
                letter = await dead_letter(
                    failure, whole, stage=self._stage, settings=self._settings, most_bytes=most_bytes
                )
                await self._publish(letter)
            except BusClosedError:
                raise
            except Exception:  # a fault boundary: a record that cannot even be told of must not come again for ever
                log.exception("dead_letter_refused", stage=self._stage, most_bytes=most_bytes)
            else:
                LETTERS.labels(self._stage, failure.name).inc()
                return


def _original(record: Record) -> bytes:
    if record.value is not None:
        return record.value
    return record.message.value if isinstance(record.message, Unreadable) else encode(record.message)


@functools.cache
def _installed() -> str:
    try:
        return importlib.metadata.version("parley")
    except importlib.metadata.PackageNotFoundError:
        return ""
