"""`parley serve`: the system until somebody stops it."""

import asyncio

import structlog

from parley import collector
from parley.settings import Settings
from parley.stop import Stop, tell
from parley.system import System
from pipeline.event_loop import loop_name

_log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Start the system, say where it is, and run until SIGINT or SIGTERM.

    The first signal drains: nobody new is let in, and what is being said is finished (`media.drain_ms`). The second one
    cuts that short. In both cases everything is closed in order; a signal meanwhile ends the process as it is.

    Raises:
        OSError: a port is taken, or an address is not of this machine.
        EngineUnavailableError: an engine that the settings name does not work here.
        BusUnavailableError: the broker that they name is not there, or does not let us in.
        TopicsError: it has not the topics that it should have.
    """
    stop = Stop()
    tell("Starting Parley ...")
    try:
        async with System(settings) as system:
            stop.started()
            collector.settle()
            tell(f"Parley is at {system.url} - open it in two tabs. Ctrl-C stops it.")
            _log.info("serving", url=system.url, instance_id=system.instance_id, event_loop=loop_name())
            await stop.asked.wait()
            tell("Stopping: what is being said is finished first ... (once more: at once)")
            _log.info("draining", people=sum(len(room.participants) for room in system.rooms))
            await stop.unless_hurried(system.drain())
            _log.info("drained", hurried=stop.hurried.is_set())
    except asyncio.CancelledError:
        if not stop.asked.is_set():
            raise
        tell("Stopped before it was up.")
