"""The terminal from which it was started: lines in, words out."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from typing import TextIO


class Terminal:
    """Says each thing once, until something else is said."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._last = ""

    def say(self, words: str) -> None:
        """Say something on standard error; a terminal that is gone is no matter."""
        if words and words != self._last:
            self._last = words
            with contextlib.suppress(OSError, ValueError):
                self._out.write(f"{words}\n")
                self._out.flush()


def read_lines(take: Callable[[str], object], given: TextIO | None = None) -> threading.Thread:
    """Give each line of standard input to `take`, in a thread of its own, until there are no more."""
    if hasattr(signal, "SIGTTIN") and threading.current_thread() is threading.main_thread():
        # In the background of a shell (`&`) reading fails then, where it would stop the whole process.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    lines = given or sys.stdin

    def read() -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in lines:
                if line.strip():
                    take(line)

    thread = threading.Thread(target=read, name="desktop-terminal", daemon=True)
    thread.start()
    return thread
