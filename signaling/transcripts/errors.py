"""What goes wrong with transcripts.

TranscriptError
  - NoTranscriptError: nothing is kept of a room
"""


class TranscriptError(Exception):
    """Something about a transcript went wrong."""


class NoTranscriptError(TranscriptError):
    """Nothing is kept of this room, or nothing in this language."""

    def __init__(self, room_id: str, language: str | None = None) -> None:
        super().__init__(room_id, language)
        self.room_id = room_id
        self.language = language

    def __str__(self) -> str:
        there = f" in {self.language}" if self.language else ""
        return f"nothing is kept of the room {self.room_id[:64]!r}{there}"
