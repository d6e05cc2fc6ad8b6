"""What a speaker said, as text in another language."""

from typing import ClassVar

from pipeline.messages.base import Said


class Translation(Said, frozen=True, kw_only=True):
    """A Transcript in one other language: same ids, same meaning of interim, speculative, final and last."""

    TOPIC: ClassVar[str] = "text.translated"
    SCHEMA: ClassVar[str] = "translation"

    payload: str
    language: str
    source_text: str
    source_language: str
    clause: int
    revision: int = 0
    is_final: bool
    speculative: bool = False
    last: bool = False
    start_ms: int = 0
    end_ms: int = 0
    ended_at_ms: int = 0
    # How much sound in this language waited in the room when the clause was spoken: the synthesizer hurries by it.
    backlog_ms: int = 0
    # False: it was made for readers only, and is never spoken.
    voice: bool = True
    skipped: bool = False
    reason: str = ""
    engine: str = ""

    @property
    def key(self) -> str:
        return f"{self.room_id}/{self.user_id}/{self.language}"

    @property
    def empty(self) -> bool:
        return not self.payload
