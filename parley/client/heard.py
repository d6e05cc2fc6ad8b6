"""A piece of sound that came in."""

from typing import Literal, NamedTuple


class Heard(NamedTuple):
    """Some milliseconds of one speaker, in the order in which they are to be played."""

    speaker_id: str
    # `voice`: what was said, spoken in my language. `floor`: the speaker's own sound.
    kind: Literal["voice", "floor"]
    # Of what is said; empty if nobody told.
    language: str
    # Mono s16le.
    pcm: bytes
    # Hertz.
    sample_rate: int
    # Monotonic seconds at which it was here.
    at: float
    # Empty where sound comes as RTP, which has no room for it.
    utterance_id: str = ""
    # Of the frames of an utterance; None likewise.
    sequence: int | None = None
    # Whether it is the end of what was said.
    last: bool = False

    @property
    def duration_s(self) -> float:
        """How long it plays, in seconds."""
        return len(self.pcm) / 2 / self.sample_rate


class Said(NamedTuple):
    """When something was said, in monotonic seconds."""

    # Its first sample.
    began: float
    # Its last sample left.
    ended: float
