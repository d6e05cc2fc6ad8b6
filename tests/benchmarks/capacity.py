"""How much one process carries: a large room, and many small ones.

- large: 4 talkers, 100 listeners, 400 flows;
- many: 20 rooms of 5 who all talk at once and hear each other, 400 flows and 100 microphones.

Each flow has 50 packets a second of real speech; the load runs in this process on another core than the server. Loop
lag is by how much a timer of 10 ms came late in the server. Run with `make bench-capacity`.
"""

import asyncio
import json
import sys
from typing import Any

import aiohttp
import numpy as np
import uvloop

from tests.benchmarks.load import Room, load, speech
from tests.benchmarks.process import Stolen, running
from tests.support.caller import Sound

SCENES = {
    "large": {"large": Room(talkers=4, listeners=100)},
    "many": {f"room-{number}": Room(members=5) for number in range(20)},
}
WARM_UP_S = 3.0
SECONDS = 10.0


async def measure(rooms: dict[str, Room], sounds: list[Sound], seconds: float) -> dict[str, Any]:
    """Fill the rooms, and let everybody talk."""
    async with (
        running("tests.benchmarks.offer_server") as server,
        aiohttp.ClientSession() as http,
    ):
        empty_mb = server.resident_mb
        async with load(server.url, rooms, sounds) as whole:
            await whole.talk(WARM_UP_S)
            await whole.settle()
            whole.reset()
            await lags(http, server.url)
            before, stolen = server.cpu_s, Stolen()
            await whole.talk(seconds)
            cpu = (server.cpu_s - before) / seconds
            stolen_percent = stolen.percent
            late = await lags(http, server.url)
            resident_mb = server.resident_mb
            await whole.settle()
            return {
                "flows": sum(room.flows for room in rooms.values()),
                "delivered": round(whole.received / whole.expected, 4),
                "core_percent": round(100 * cpu, 1),
                "us_per_packet": round(cpu * seconds / whole.received * 1e6, 1),
                "lag_p50_ms": round(float(np.percentile(late, 50)), 2),
                "lag_p99_ms": round(float(np.percentile(late, 99)), 2),
                "latency_p50_ms": round(float(np.percentile(whole.latencies, 50)), 2),
                "latency_p99_ms": round(float(np.percentile(whole.latencies, 99)), 2),
                "stolen_percent": stolen_percent,
                "mb_per_participant": round((resident_mb - empty_mb) / len(whole.clients), 3),
            }


async def lags(http: aiohttp.ClientSession, url: str) -> list[float]:
    """Take the server's loop lags since the last time, in milliseconds."""
    async with http.get(f"{url}/lags") as response:
        found: list[float] = await response.json()
        return found


async def main() -> None:
    """Print a line a scene on standard error, and the result as the last line of standard output."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    sounds = speech()
    result: dict[str, Any] = {"bench": "capacity"}
    for name, rooms in SCENES.items():
        result[name] = await measure(rooms, sounds, seconds)
        print(name, result[name], file=sys.stderr, flush=True)
    print(json.dumps(result))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
