"""How far a run has come: a line that moves where somebody watches, a line now and then where not."""

from collections.abc import Callable
from typing import TextIO

from parley.load.diary import Diary

DRAWN_EVERY_S = 0.5
"""On a terminal."""
TOLD_EVERY_S = 5.0
"""Elsewhere."""


class LoadProgress:
    """Tells of one run."""

    def __init__(self, out: TextIO, clock: Callable[[], float]) -> None:
        self._out = out
        self._clock = clock
        self._began = clock()
        self._live = out.isatty()
        self._told_at = self._began
        # Characters of the line that stands there unfinished.
        self._standing = 0

    def tell(self, diary: Diary, wanted: int, talking: int) -> None:
        """Say how far it is, if it is time to."""
        now = self._clock()
        if now - self._told_at < (DRAWN_EVERY_S if self._live else TOLD_EVERY_S):
            return
        self._told_at = now
        line = self.line(diary, wanted, talking)
        if self._live:
            self._out.write(f"\r{line.ljust(self._standing)}")
            self._standing = len(line)
        else:
            self._out.write(f"{line}\n")
        self._out.flush()

    def line(self, diary: Diary, wanted: int, talking: int) -> str:
        """Give the line."""
        came, due = diary.tally
        return (
            f"{self._clock() - self._began:6.1f} s  {len(diary.joins_s)} of {wanted} in  {talking} talk  "
            f"{len(diary.said)} turns  {came} of {due} came  {diary.errors.total()} errors"
        )

    def end(self) -> None:
        """Leave no unfinished line behind."""
        if self._standing:
            self._out.write("\n")
            self._out.flush()
            self._standing = 0
