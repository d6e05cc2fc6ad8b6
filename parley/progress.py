"""How far something long has come: a bar that moves where somebody watches, a line now and then where not."""

import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 24
"""Of the bar, in characters."""
DRAWN_EVERY_S = 0.1
"""Between two drawings on a terminal."""
TOLD_EVERY_S = 5.0
"""Between two lines elsewhere."""


def bar(done: int, total: int | None) -> str:
    """Draw how many bytes of how many are done; without a total, how many."""
    megabytes = f"{done / 1e6:.1f} MB"
    if not total:
        return megabytes
    share = min(1.0, done / total)
    filled = round(share * WIDTH)
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%}  {megabytes} of {total / 1e6:.1f} MB"


class Progress:
    """Tells of several files in turn, each until it is whole."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._live = out.isatty()
        self._told_at = float("-inf")
        # Characters of the line that stands there unfinished.
        self._standing = 0

    def tell(self, name: str, done: int, total: int | None) -> None:
        """Say how far a file is, in bytes; not each time, but always when it is whole."""
        now, whole = self._clock(), total is not None and done >= total
        if not whole and now - self._told_at < (DRAWN_EVERY_S if self._live else TOLD_EVERY_S):
            return
        self._told_at = float("-inf") if whole else now
        line = f"{name:28} {bar(done, total)}"
        if not self._live:
            self._out.write(f"{line}\n")
        else:
            self._out.write(f"\r{line.ljust(self._standing)}{chr(10) if whole else ''}")
            self._standing = 0 if whole else len(line)
        self._out.flush()

    def end(self) -> None:
        """Leave no unfinished line behind."""
        if self._standing:
            self._out.write("\n")
            self._standing = 0
