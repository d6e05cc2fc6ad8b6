"""What can be set about captions, beside the bounds of the door's own settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaptionSettings:
    """What those who come late are shown, and how captions are streamed.

    Raises:
        ValueError: a value that cannot work; the message names it.
    """

    # Minutes of captions that who comes late is shown, in their own language, where the room says nothing else. 0:
    # none. Never more than `caption_history` clauses.
    minutes: float = 5.0
    # Whether what was said before somebody came is translated for them, once for each room and language. Otherwise they
    # are shown the translations that there are, and what was said where there is none.
    translate_history: bool = True
    # Languages of one room in which somebody only reads, and into which words are translated for them: each costs a
    # translation of every clause. The first ones count; in others, what was said is shown as it was said.
    languages_per_room: int = 16
    # Seconds for which the translation of one clause that was said before is waited for. Then those who came late are
    # shown what was said as it was said.
    history_limit_s: float = 5.0
    # Rooms whose captions are remembered though nobody is there any more: those that came from another node and wait
    # for their people. Seconds.
    restored_for_s: float = 60.0
    # Seconds between two comments on a stream of captions (SSE) on which there is nothing to tell, and for which a
    # reader's connection may take nothing.
    stream_heartbeat_s: float = 8.0

    def __post_init__(self) -> None:
        for name in ("minutes", "restored_for_s", "languages_per_room"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        for name in ("history_limit_s", "stream_heartbeat_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0")
