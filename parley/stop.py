"""Being told to stop, by SIGINT or SIGTERM: once is in order, twice is at once."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody asked to stop, and whether they did so again. What comes after that is not listened to.

    To be made in the task that starts the process: until `started` is called, a signal cancels that.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurried = asyncio.Event()
        # Cancelled by the signal; None once it runs and need only be told.
        self._starting = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            self._loop.add_signal_handler(number, self._ask)

    def started(self) -> None:
        """Only be told from now on."""
        self._starting = None

    async def unless_hurried(self, work: Coroutine[None, None, None]) -> None:
        """Do it to its end, or until somebody asks again; then signals do what they do to any process."""
        working = asyncio.create_task(work, name="until-stopped")
        hurrying = asyncio.create_task(self.hurried.wait(), name="until-hurried")
        try:
            await asyncio.wait((working, hurrying), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.let_go()
            working.cancel()
            hurrying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    def _ask(self) -> None:
        if self.asked.is_set():
            self.hurried.set()
        self.asked.set()
        if self._starting is not None:
            self.let_go()
            self._starting.cancel()

    def let_go(self) -> None:
        """Let signals do what they do to any process."""
        for number in SIGNALS:
            self._loop.remove_signal_handler(number)


def tell(words: str) -> None:
    """Say something to whoever started this, on standard error."""
    print(words, file=sys.stderr, flush=True)  # noqa: T201
