"""A record that failed for good, kept whole so that it can be looked at and replayed."""

import hashlib
import zlib
from typing import ClassVar, Literal

import msgspec

from pipeline.messages.base import Message

MOST_BYTES = 64 * 1024 * 1024
"""A letter that would unpack to more than this is not ours."""

_originals = msgspec.msgpack.Decoder(tuple[bytes, ...])


class DamagedLetterError(ValueError):
    """What a letter holds cannot be unpacked."""


class DeadLetter(Message, frozen=True, kw_only=True):
    """The original record and why it could not be done. At recognition it holds the whole utterance."""

    TOPIC: ClassVar[str] = "pipeline.dlq"
    SCHEMA: ClassVar[str] = "dead_letter"

    stage: str
    error: str
    message: str
    attempts: int
    original_topic: str
    original_key: str
    original_partition: int
    # Of the first of the originals.
    original_offset: int
    original_headers: dict[str, str]
    # The records' values, untouched; several at recognition: every chunk of the utterance. See `records`.
    originals: tuple[bytes, ...]
    first_failed_at_ms: int
    worker_version: str
    # zlib: `originals` is one piece, the zlib stream (RFC 1950) of a msgpack array of the values.
    compression: Literal["", "zlib"] = ""
    # Bytes of the originals that would not fit: whole ones, the oldest first, or else the end of the only one.
    left_out_bytes: int = 0
    # Empty where the original could not be read.
    utterance_id: str = ""

    @property
    def key(self) -> str:
        return self.original_key

    @property
    def id(self) -> str:
        """What it is called: the same for every copy of it."""
        where = f"{self.original_topic}/{self.original_partition}/{self.original_offset}"
        return hashlib.sha256(where.encode()).hexdigest()[:12]

    @property
    def room_id(self) -> str:
        """The room it comes from, as far as the key says."""
        return self.original_key.partition("/")[0]

    def records(self) -> tuple[bytes, ...]:
        """Give the original values.

        Raises:
            DamagedLetterError: they cannot be unpacked, or are larger than `MOST_BYTES`.
        """
        if not self.compression:
            return self.originals
        unpacker = zlib.decompressobj()
        try:
            packed = unpacker.decompress(b"".join(self.originals), MOST_BYTES)
            if not unpacker.eof:
                raise DamagedLetterError("it is cut off, or too large")
            return _originals.decode(packed)
        except (zlib.error, msgspec.DecodeError) as error:
            raise DamagedLetterError(str(error)) from error
