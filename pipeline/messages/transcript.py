"""What a speaker said, as text in the language spoken."""

from typing import ClassVar

from pipeline.messages.audio_chunk import Target
from pipeline.messages.base import Said


class Transcript(Said, frozen=True, kw_only=True):
    """One of three: interim text, a speculation about the end, or a committed clause.

    - interim (`is_final` and `speculative` false): the text behind the last commit, to be replaced by the next one.
    - speculative: what clause `clause` will be if the utterance ends here. A later `revision` takes its place; the
      final with the same revision says that it was right.
    - final: clause `clause`, never revised.
    `last` is set on exactly one final per utterance; its text is empty if nothing (more) was said.
    """

    TOPIC: ClassVar[str] = "text.original"
    SCHEMA: ClassVar[str] = "transcript"

    payload: str
    language: str
    # How sure the engine is of the language, 0 to 1, where it was to detect it and says so.
    language_probability: float | None = None
    clause: int
    revision: int = 0
    is_final: bool
    speculative: bool = False
    last: bool = False
    # The audio this text stands for, from the utterance's first sample on; the start never moves between revisions.
    start_ms: int = 0
    end_ms: int = 0
    # Epoch milliseconds of that audio's end: ages and deadlines count from here.
    ended_at_ms: int = 0
    # How much of the utterance's sound, from its first sample on, had come when this was written.
    heard_ms: int = 0
    targets: tuple[Target, ...] = ()
    # A tombstone: this stage failed for good, and says so in the clause's place. `reason` is for people.
    skipped: bool = False
    reason: str = ""
    engine: str = ""

    @property
    def empty(self) -> bool:
        return not self.payload
