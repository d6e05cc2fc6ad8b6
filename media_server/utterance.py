"""One stretch of speech, as the node that cut it knows it."""

import secrets
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Utterance:
    """Written by its speaker's Chunker, read by playout: which speculation holds, and whether more is to come."""

    utterance_id: str
    speaker_id: str
    # Order among all utterances of a speaker.
    number: int
    # Epoch milliseconds of its first sample.
    started_at_ms: int
    # Set with the end: epoch milliseconds at which it was decided, and of the last speech.
    ended_at_ms: int | None = None
    speech_ended_at_ms: int | None = None
    # The `maybe_last` that turned out to be the end; 0 for none.
    confirms: int = 0
    # Speculations up to this revision are void, because speech went on.
    voided: int = 0

    @property
    def ended(self) -> bool:
        """Whether its speaker has finished it."""
        return self.ended_at_ms is not None


def new_utterance_id(now_ms: int) -> str:
    """Make an id that sorts by time."""
    return f"{now_ms:012x}-{secrets.token_hex(6)}"
