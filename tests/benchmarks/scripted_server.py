"""A whole Parley whose engines take no time, as a process of its own: what is measured with it is everything else.

Its address is the first line of standard output, as JSON; it ends on SIGTERM.
"""

import asyncio
import json
import signal

import uvloop

from parley import collector, logs
from parley.settings import LogSettings
from parley.system import System
from tests.benchmarks.measured_server import settings
from tests.fakes.audible import Audible


async def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure(LogSettings(level="warning"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with System(settings(), engines=Audible()) as system:
        collector.settle()
        print(json.dumps({"url": system.url}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
