"""What can be set about transcripts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TranscriptSettings:
    """Where what is said in rooms that keep it is written, for how long, and how much of it.

    Which rooms keep it is set with the rooms (`hosting.keep_transcripts`, and each room's own state).

    Raises:
        ValueError: a value that cannot work; the message names it.
    """

    # Folder in which there is a file for each session of each room. Empty: nothing is written, and a transcript is
    # there until `linger_s` after the room ended, or until this process ends.
    folder: str = ""
    # Days for which a transcript is kept after its room ended. 0: until somebody deletes it.
    retention_days: float = 30.0
    # Seconds after a room ended during which late texts (translations that are still being made, replayed dead letters)
    # are added to its transcript.
    linger_s: float = 600.0
    # Seconds between two times that what was written is forced to the disk (fsync): so much may be lost when the
    # machine loses power. What a crash of this process alone can lose is what came within milliseconds.
    sync_s: float = 5.0
    # Texts, transcripts and translations together, of one session. When full, the rest is not kept, and this is said in
    # the log.
    most_texts: int = 50_000
    # Texts that may wait for the disk. When full, the oldest of them are not written; they are still there until the
    # session ends.
    most_waiting: int = 10_000

    def __post_init__(self) -> None:
        for name in ("retention_days", "linger_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if self.sync_s <= 0:
            raise ValueError("sync_s must be above 0")
        for name in ("most_texts", "most_waiting"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
