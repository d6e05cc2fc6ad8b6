"""How original records are put into a dead letter: compressed where that pays, cut where a broker would not take it."""

import asyncio
import zlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

PLAIN_BYTES = 64_000
"""Up to this size a letter's originals are left as they are: easier to look at, and cheap."""
_SLICE_BYTES = 32_000
"""Compressed in one go, in about a millisecond: a worker shares its event loop."""


class Envelope(NamedTuple):
    """See the fields of the same names in `DeadLetter`."""

    originals: tuple[bytes, ...]
    compression: Literal["", "zlib"] = ""
    left_out_bytes: int = 0


async def enclose(originals: Sequence[bytes], most_bytes: int) -> Envelope:
    """Pack the originals into `most_bytes`. What does not fit is left out: the oldest, or the end of the only one.

    The newest stay because an utterance's first clauses were most probably published before it failed.
    """
    total = sum(map(len, originals))
    if total <= min(PLAIN_BYTES, most_bytes):
        return Envelope(tuple(originals))
    kept, size = list(originals), total
    while True:
        packed = await _compressed(kept)
        if len(packed) <= most_bytes:
            return Envelope((packed,), "zlib", total - size)
        kept = _newest(kept, int(size * most_bytes / len(packed) * 0.95))
        size = sum(map(len, kept))


def _newest(originals: list[bytes], most_bytes: int) -> list[bytes]:
    kept, size = [originals[-1][:most_bytes]], len(originals[-1])
    for original in reversed(originals[:-1]):
        size += len(original)
        if size > most_bytes:
            break
        kept.insert(0, original)
    return kept


async def _compressed(originals: list[bytes]) -> bytes:
    packer, pieces = zlib.compressobj(level=1), []
    packed = memoryview(msgspec.msgpack.encode(originals))
    for start in range(0, len(packed), _SLICE_BYTES):
        pieces.append(packer.compress(packed[start : start + _SLICE_BYTES]))
        await asyncio.sleep(0)
    return b"".join((*pieces, packer.flush()))
