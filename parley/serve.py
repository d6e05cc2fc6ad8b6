"""`parley serve`: the system until somebody stops it."""

import asyncio
import signal
import sys

import structlog

from parley.settings import Settings
from parley.system import System

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Start the system, say where it is, and run until SIGINT or SIGTERM; a second signal ends it at once.

    Raises:
        OSError: a port is taken, or an address is not of this machine.
        EngineUnavailableError: an engine that the settings name does not work here.
    """
    stop = _Stop()
    _tell("Starting Parley ...")
    try:
        async with System(settings) as system:
            stop.starting = None
            _tell(f"Parley is at {system.url} - open it in two tabs. Ctrl-C stops it.")
            _log.info("serving", url=system.url)
            await stop.asked.wait()
            _tell("Stopping ... (once more: at once)")
    except asyncio.CancelledError:
        if not stop.asked.is_set():
            raise
        _tell("Stopped before it was up.")


class _Stop:
    """Whether somebody asked to stop. The first signal does so in order, the next one as if nobody listened to it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        # Cancelled by the signal; None once it runs and need only be told.
        self.starting = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            self._loop.add_signal_handler(number, self._ask)

    def _ask(self) -> None:
        for number in SIGNALS:
            self._loop.remove_signal_handler(number)
        self.asked.set()
        if self.starting is not None:
            self.starting.cancel()


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201
