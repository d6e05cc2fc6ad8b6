"""`make bench-load`: 100 clients by WebSocket and 20 over WebRTC at once, with engines that take no time.

The server is a process of its own on one core, the clients are this one on the other: 10 rooms of 10 by the audio
socket and 5 rooms of 4 over WebRTC. In each, one after the other says a sentence in English, and all others hear and
read it in Spanish. Latencies are from the end of the last word to the listener's ear, 300 ms of silence that end an
utterance and aiortc's 80 ms included. `delivered` is of all voices and captions that were due. `stages`,
the server's own figures, are of both kinds together in each.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from parley.load.plan import LoadPlan
from parley.load.progress import LoadProgress
from parley.load.report import as_table
from parley.load.session import load
from tests.benchmarks.process import running
from tests.support.caller import loopback

SECONDS = 30.0


def waited_s(pid: int) -> float:
    """Give how long a process's main thread has stood in the kernel's run queue, in seconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


async def main() -> None:
    """Print how far it is and a table on standard error, and the result as the last line of standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--audio-rooms", type=int, default=10, help="of 10 people, by WebSocket")
    parser.add_argument("--webrtc-rooms", type=int, default=5, help="of 4 people")
    wanted = parser.parse_args()
    result: dict[str, Any] = {"bench": "load"}
    async with running("tests.benchmarks.scripted_server") as server:
        all_of_them = LoadPlan(server.url, seconds=wanted.seconds)
        plans = {
            "audio": replace(all_of_them, rooms=wanted.audio_rooms, clients=10, kind="audio", prefix="ws"),
            "webrtc": replace(all_of_them, rooms=wanted.webrtc_rooms, clients=4, kind="webrtc", prefix="rtc"),
        }
        plans = {kind: plan for kind, plan in plans.items() if plan.rooms}
        before, own, began = server.cpu_s, time.process_time(), time.monotonic()
        waited = waited_s(server.pid)
        with loopback():
            reports = await asyncio.gather(
                *(load(plan, progress=LoadProgress(sys.stderr, time.monotonic)) for plan in plans.values())
            )
        took = time.monotonic() - began
        for kind, report in zip(plans, reports, strict=True):
            print(f"\n{kind}\n{as_table(report)}", file=sys.stderr, flush=True)
            result[kind] = msgspec.to_builtins(report)
        result["delivered"] = min(report.delivered or 0.0 for report in reports)
        result["server_core_percent"] = round(100 * (server.cpu_s - before) / took, 1)
        result["clients_core_percent"] = round(100 * (time.process_time() - own) / took, 1)
        # How long it could have run and was not let: on a machine that does other things this spoils the rest.
        result["server_waited_percent"] = round(100 * (waited_s(server.pid) - waited) / took, 1)
        result["resident_mb"] = round(server.resident_mb, 1)
    print(json.dumps(result))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
