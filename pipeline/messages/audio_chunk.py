"""A piece of one speaker's utterance as sound."""

from typing import ClassVar

import msgspec

from pipeline.messages.base import Said

SAMPLE_RATE = 16_000
"""Hertz of every AudioChunk."""
BYTES_PER_MS = SAMPLE_RATE * 2 // 1000
"""16-bit mono samples."""


class Target(msgspec.Struct, frozen=True):
    """A language somebody listens to or reads now, other than the speaker's own."""

    language: str
    # How much sound in that language still waits to be played in this room.
    backlog_ms: int = 0
    # False: it is only read, so it is translated and never spoken.
    voice: bool = True


class Resume(msgspec.Struct, frozen=True):
    """Where a replayed utterance goes on: what comes before was published, and is not to be published again."""

    # The number of the next clause.
    clause: int
    # The highest that a revision of it had.
    revision: int
    # The end of the last clause's sound, counted from the utterance's first sample.
    end_ms: int


class AudioChunk(Said, frozen=True, kw_only=True):
    """16 kHz mono s16le PCM of one utterance, by default 100 ms; empty when it only carries a mark.

    An utterance begins with its first chunk and ends with the one marked `last`; only the node's segmenter decides so.
    """

    TOPIC: ClassVar[str] = "audio.raw"
    SCHEMA: ClassVar[str] = "audio_chunk"

    payload: bytes
    # Where the payload begins, counted from the utterance's first sample.
    start_ms: int
    # Epoch milliseconds of the utterance's first sample; start_ms counts from here.
    utterance_started_at_ms: int
    # The speaker's speaking_language, or `auto`.
    language: str
    # The full set of languages listened to or read now: workers need no other source.
    targets: tuple[Target, ...] = ()
    # Above 0: the speaker may have finished. Recognition peeks and sends what it would say at the end as this revision.
    maybe_last: int = 0
    last: bool = False
    # On the last chunk: the `maybe_last` after which only silence came, so that its revision is the end; 0 for none.
    confirms: int = 0
    # On the last chunk: nobody said this after all, but a loudspeaker did; nothing of it is to be shown or spoken.
    void: bool = False
    # Only in replays, on every chunk of an utterance of which some clauses were published.
    resumes: Resume | None = None

    @property
    def end_ms(self) -> int:
        """Where the payload ends, counted from the utterance's first sample."""
        return self.start_ms + len(self.payload) // BYTES_PER_MS

    @property
    def empty(self) -> bool:
        return not self.payload
