"""Until when a voice is still worth speaking."""

from typing import NamedTuple

from pipeline.messages.base import Purpose


class Deadline(NamedTuple):
    """A moment in epoch milliseconds after which something is too late; None: it never is."""

    at_ms: int | None

    @classmethod
    def after(cls, ended_at_ms: int, limit_ms: int, purpose: Purpose) -> "Deadline":
        """Count from the end of the sound that was heard (0: unknown). What is not live has no deadline."""
        return cls(ended_at_ms + limit_ms if purpose == "live" and ended_at_ms > 0 else None)

    def left_s(self, now_ms: int, *, ahead_ms: int = 0) -> float | None:
        """Give the seconds left; below 0 once it is too late; None if there is no hurry.

        What follows `ahead_ms` of sound that was already given out has that much longer.
        """
        return None if self.at_ms is None else (self.at_ms + ahead_ms - now_ms) / 1000
