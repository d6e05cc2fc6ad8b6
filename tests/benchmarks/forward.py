"""What it costs to forward a packet, and how long it takes: this server, and stock aiortc's MediaRelay beside it.

One talker, N listeners; real speech as Opus over real ICE, DTLS and SRTP; the load in this process on another core than
the server. CPU is the server's alone, of all its threads. Latency is from the packet's coming to the server's socket
until it leaves that again, by the kernel's clock, in seconds of their own; without root, until the load has read it,
with what it takes the load to read those before it. The cores are kept awake (see `awake`), for both servers, unless
the second argument is `asleep`. Run with `make bench-forward`.
"""

import asyncio
import json
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median

import numpy as np
import uvloop

from tests.benchmarks import tap
from tests.benchmarks.load import Load, Room, load, speech
from tests.benchmarks.process import Stolen, awake, running
from tests.support.caller import Sound

LISTENERS = (2, 20, 40)
WATCHED = 20
"""How many listeners there are where the latency is measured."""
# MediaRelay is at the end of its core with 20.
RELAY_LISTENERS = (2, 8)
WARM_UP_S = 2.5
SECONDS = 15.0
WINDOWS = 5
"""Parts of these seconds; the median of what they cost counts, since other machines' load comes and goes."""


@dataclass(frozen=True)
class Scene:
    """One server with so many listeners."""

    listeners: int
    cpu_s_per_s: float
    packets_per_s: float
    delivered: float
    latencies: list[float]

    @property
    def us_per_packet(self) -> float:
        return self.cpu_s_per_s / self.packets_per_s * 1e6


async def scene(module: str, listeners: int, sounds: list[Sound], seconds: float) -> Scene:
    """Measure one server with one talker and so many listeners."""
    async with (
        running(module) as server,
        load(server.url, {"bench": Room(talkers=1, listeners=listeners)}, sounds) as whole,
    ):
        await whole.talk(WARM_UP_S)
        await whole.settle()
        whole.reset()
        spent = []
        for _ in range(WINDOWS):
            before = server.cpu_s
            await whole.talk(seconds / WINDOWS)
            spent.append((server.cpu_s - before) / seconds * WINDOWS)
        await whole.settle()
        measured = Scene(
            listeners,
            median(spent),
            whole.received / seconds,
            whole.received / whole.expected,
            await latencies(whole, seconds) if listeners == WATCHED else [],
        )
    print(
        f"{module.rpartition('.')[2]}: {listeners} listeners, {measured.us_per_packet:.1f} us a packet, "
        f"{100 * measured.cpu_s_per_s:.1f} % of a core, {100 * measured.delivered:.1f} % delivered",
        file=sys.stderr,
        flush=True,
    )
    return measured


async def latencies(whole: Load, seconds: float) -> list[float]:
    """Let the talker go on, and listen in at the server's socket; else what the load itself has measured."""
    if not tap.allowed():
        return whole.latencies
    with tap.tapping(whole.clients[0].server_port) as found:
        await whole.talk(seconds)
        await whole.settle()
    return tap.latencies(found.incoming, found.outgoing)


def marginal(scenes: list[Scene]) -> float:
    """Give the microseconds that one packet more costs: the slope over the numbers of listeners."""
    slope, _ = np.polyfit([it.packets_per_s for it in scenes], [it.cpu_s_per_s for it in scenes], 1)
    return float(slope) * 1e6


async def main() -> None:
    """Print a line a scene on standard error, and the result as the last line of standard output."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    asleep = sys.argv[2:] == ["asleep"]
    sounds = speech()
    stolen = Stolen()
    with nullcontext() if asleep else awake():
        ours = [await scene("tests.benchmarks.offer_server", count, sounds, seconds) for count in LISTENERS]
        naive = [await scene("tests.benchmarks.relay_server", count, sounds, seconds) for count in RELAY_LISTENERS]
    watched = ours[LISTENERS.index(WATCHED)]
    result = {
        "bench": "forward",
        "us_per_packet": {str(it.listeners): round(it.us_per_packet, 1) for it in ours},
        "us_per_packet_marginal": round(marginal(ours), 1),
        "ms_per_listener_second": round(marginal(ours) * 50 / 1000, 2),
        "naive_us_per_packet": {str(it.listeners): round(it.us_per_packet, 1) for it in naive},
        "naive_us_per_packet_marginal": round(marginal(naive), 1),
        "ratio": round(marginal(naive) / marginal(ours), 1),
        "latency_p50_ms": round(float(np.percentile(watched.latencies, 50)), 2),
        "latency_p99_ms": round(float(np.percentile(watched.latencies, 99)), 2),
        "latency_samples": len(watched.latencies),
        "latency_by": "kernel" if tap.allowed() else "load",
        "cores": "asleep" if asleep else "awake",
        "stolen_percent": stolen.percent,
        "delivered": round(min(it.delivered for it in ours), 4),
        "naive_delivered": round(min(it.delivered for it in naive), 4),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
