"""A whole Parley whose ledger goes to standard output: its address first, then each utterance's figures, as JSON lines.

Started by the benchmarks as a process of its own, so that the load and the server do not share an event loop. Its
argument, if it has one, is the bus as `--bus` takes it: on Kafka the workers are elsewhere.
"""

import asyncio
import sys

import msgspec
import uvloop

from media_server.rtc.settings import RtcSettings
from parley import collector, logs
from parley.settings import LogSettings, Settings
from parley.system import System
from pipeline.settings import MEMORY, PipelineSettings
from signaling.settings import SignalingSettings


def settings(bus_url: str = MEMORY) -> Settings:
    """Give those of a server on loopback."""
    return Settings(
        signaling=SignalingSettings(host="127.0.0.1", port=0),
        rtc=RtcSettings(host="127.0.0.1", port=0),
        pipeline=PipelineSettings(bus_url=bus_url),
    )


def tell(message: object) -> None:
    """Write one JSON line."""
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


async def main() -> None:
    """Serve until standard input closes."""
    logs.configure(LogSettings(level="warning"))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with System(settings(*sys.argv[1:])) as system:
        system.rooms.ledger.hooks.append(tell)
        collector.settle()
        tell({"url": system.url})
        await reader.read()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
