"""Priority for what must keep time on a machine that others use as well."""

import contextlib
import os
from collections.abc import Iterator

NICENESS = -10


@contextlib.contextmanager
def urgent() -> Iterator[None]:
    """Give this process, and those it starts meanwhile, priority over others, where the system lets us."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        yield
    finally:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)
