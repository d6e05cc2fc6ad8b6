"""`parley serve`: the system until somebody stops it."""

import asyncio
import signal
import sys

import structlog

from parley.settings import Settings
from parley.system import System

_log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Start the system, say where it is, and run until SIGINT or SIGTERM.

    Raises:
        OSError: a port is taken, or an address is not of this machine.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    print("Starting Parley ...", file=sys.stderr, flush=True)  # noqa: T201
    async with System(settings) as system:
        print(f"Parley is at {system.url} - open it in two tabs. Ctrl-C stops it.", file=sys.stderr, flush=True)  # noqa: T201
        _log.info("serving", url=system.url)
        await stop.wait()
        print("Stopping ...", file=sys.stderr, flush=True)  # noqa: T201
