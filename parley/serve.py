"""`parley serve`: the system until somebody stops it."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine

import structlog

from parley import collector
from parley.settings import Settings
from parley.system import System

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Start the system, say where it is, and run until SIGINT or SIGTERM.

    The first signal drains: nobody new is let in, and what is being said is finished (`media.drain_ms`). The second one
    cuts that short. In both cases everything is closed in order; a signal meanwhile ends the process as it is.

    Raises:
        OSError: a port is taken, or an address is not of this machine.
        EngineUnavailableError: an engine that the settings name does not work here.
    """
    stop = _Stop()
    _tell("Starting Parley ...")
    try:
        async with System(settings) as system:
            stop.starting = None
            collector.settle()
            _tell(f"Parley is at {system.url} - open it in two tabs. Ctrl-C stops it.")
            _log.info("serving", url=system.url, event_loop=_event_loop())
            await stop.asked.wait()
            _tell("Stopping: what is being said is finished first ... (once more: at once)")
            _log.info("draining", people=sum(len(room.participants) for room in system.rooms))
            await stop.unless_hurried(system.drain())
            _log.info("drained", hurried=stop.hurried.is_set())
    except asyncio.CancelledError:
        if not stop.asked.is_set():
            raise
        _tell("Stopped before it was up.")


class _Stop:
    """Whether somebody asked to stop, and whether they did so again. What comes after that is not listened to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurried = asyncio.Event()
        # Cancelled by the signal; None once it runs and need only be told.
        self.starting = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            self._loop.add_signal_handler(number, self._ask)

    async def unless_hurried(self, work: Coroutine[None, None, None]) -> None:
        """Do it to its end, or until somebody asks again; then signals do what they do to any process."""
        working = asyncio.create_task(work, name="until-stopped")
        hurrying = asyncio.create_task(self.hurried.wait(), name="until-hurried")
        try:
            await asyncio.wait((working, hurrying), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop_listening()
            working.cancel()
            hurrying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    def _ask(self) -> None:
        if self.asked.is_set():
            self.hurried.set()
        self.asked.set()
        if self.starting is not None:
            self._stop_listening()
            self.starting.cancel()

    def _stop_listening(self) -> None:
        for number in SIGNALS:
            self._loop.remove_signal_handler(number)


def _event_loop() -> str:
    """Name the library whose event loop this is: uvloop, or asyncio where there is none."""
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201
