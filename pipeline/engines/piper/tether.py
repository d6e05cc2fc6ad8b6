"""Runs a program that is killed when whoever started it dies, however that happens: Piper's web server never looks.

A script of its own, run by path with `python -I -S`, since the program's environment is not ours: it imports nothing
but the standard library.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""linux/prctl.h: which signal to get when the parent dies. It stays set when the program takes this one's place."""


def main(parent: int, command: list[str]) -> None:
    """Become the program, unless the parent is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606 - there is no shell, on purpose


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
