"""Original records in a dead letter."""

import random

from pipeline.envelope import PLAIN_BYTES, Envelope, enclose
from tests.fakes.letters import letter

LIMIT = 900_000


def opened(envelope: Envelope) -> tuple[bytes, ...]:
    return letter(**envelope._asdict()).records()


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


async def test_little_is_left_as_it_is() -> None:
    """So that anybody can look at it."""
    assert await enclose([b"one", b"two"], LIMIT) == Envelope((b"one", b"two"))


async def test_an_utterance_is_compressed_and_comes_out_untouched() -> None:
    """Thirty seconds of it fit, every record as it was."""
    records = [noise(1_600, second) + bytes(1_600) for second in range(300)]
    envelope = await enclose(records, LIMIT)
    assert envelope.compression == "zlib"
    assert sum(map(len, envelope.originals)) < LIMIT
    assert (opened(envelope), envelope.left_out_bytes) == (tuple(records), 0)


async def test_what_does_not_fit_even_so_loses_its_oldest_records_and_says_so() -> None:
    """The newest are whole."""
    records = [noise(3_200, second) for second in range(400)]
    envelope = await enclose(records, LIMIT)
    kept = opened(envelope)
    assert sum(map(len, envelope.originals)) <= LIMIT
    assert kept == tuple(records[-len(kept) :])
    assert len(kept) > 250
    assert envelope.left_out_bytes == 3_200 * (400 - len(kept))


async def test_a_single_record_that_is_too_large_loses_its_end() -> None:
    """Better its beginning than nothing."""
    record = noise(2_000_000)
    envelope = await enclose([record], LIMIT)
    (kept,) = opened(envelope)
    assert record.startswith(kept)
    assert len(kept) + envelope.left_out_bytes == len(record)
    assert len(kept) > 800_000


async def test_a_small_limit_is_kept_too() -> None:
    """Also below the size that would be left as it is."""
    envelope = await enclose([noise(PLAIN_BYTES)], 1_000)
    assert sum(map(len, envelope.originals)) <= 1_000
