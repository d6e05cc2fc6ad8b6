"""What a worker can do now; every node decides by it who is translated and who is heard untouched."""

from typing import ClassVar, Literal

from pipeline.messages.base import Message

Stage = Literal["recognition", "translation", "synthesis"]


class WorkerStatus(Message, frozen=True, kw_only=True):
    """Sent every 2 s, and at once when something changes."""

    TOPIC: ClassVar[str] = "pipeline.status"
    SCHEMA: ClassVar[str] = "worker_status"

    worker_id: str
    stage: Stage
    engine: str
    healthy: bool
    # For recognition and synthesis: the languages. For translation: empty.
    languages: tuple[str, ...] = ()
    # For translation: (source, target). For the others: empty.
    pairs: tuple[tuple[str, str], ...] = ()
    # Which engine of a chain serves: 0 is the best. The highest, where languages or pairs have chains of their own.
    rung: int = 0
    # The languages, or the pairs of translation, that another engine serves than the first of their chain.
    reduced_languages: tuple[str, ...] = ()
    reduced_pairs: tuple[tuple[str, str], ...] = ()
    # Of synthesis: whether it can speak in a speaker's own voice, for those who consent.
    imitates: bool = False
    at_ms: int
    # For people, when it is not healthy.
    reason: str = ""

    @property
    def key(self) -> str:
        return self.worker_id
