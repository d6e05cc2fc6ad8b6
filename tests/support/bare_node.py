"""A node without engines in a process of its own: the page, the door, rooms and media. Everybody is heard as they are.

Its argument is JSON: `port` of all media (0: any), and `media`, what differs from MediaSettings.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import uvloop
from prometheus_client import REGISTRY

from media_server.rtc.settings import RtcSettings
from media_server.settings import MediaSettings
from parley import logs
from parley.settings import LogSettings, Settings
from parley.system import System
from signaling.settings import SignalingSettings
from tests.fakes.engines import ScriptedTranscriber, ScriptedTranslator, ScriptedVoicer
from tests.support.child import Child, answer
from tests.support.lag import LagMeter
from tests.support.namespace import Host


class NoEngines:
    """English can be spoken, and is not recognised as anything."""

    transcriber = ScriptedTranscriber()
    translator = ScriptedTranslator()
    voicer = ScriptedVoicer()


@asynccontextmanager
async def system_on(host: Host, settings: Settings) -> AsyncIterator[System]:
    """Run one in this process whose sockets are another host's."""
    async with AsyncExitStack() as stack:
        with host.entered():
            system = await stack.enter_async_context(System(settings, engines=NoEngines()))
        yield system


def bare_node(log: Path, port: int = 0, **media: object) -> Child:
    """Start one; a context manager. Its greeting has the `url`; ask it to `begin`, and for `figures` since then."""
    return Child("tests.support.bare_node", json.dumps({"port": port, "media": media}), log=log)


def counts() -> dict[str, float]:
    """Give all counters of the node, by name and labels."""
    return {
        ",".join((sample.name, *(f"{name}={value}" for name, value in sample.labels.items()))): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith("parley_") and sample.name.endswith("_total")
    }


def resident_mb() -> float:
    """Give the memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def figures(meter: LagMeter) -> dict[str, object]:
    """Give what a node process tells of itself when it is asked."""
    return {
        "lag_p99_ms": meter.percentile(99),
        "lag_max_ms": meter.percentile(100),
        "resident_mb": resident_mb(),
        "counts": counts(),
    }


async def main(wanted: dict[str, Any]) -> None:
    """Serve until standard input closes."""
    logs.configure(LogSettings(level="warning"))
    settings = Settings(
        # Other addresses of this machine are strangers' here, with all limits.
        signaling=SignalingSettings(host="127.0.0.1", port=0, unlimited_addresses=("127.0.0.1",)),
        rtc=RtcSettings(host="127.0.0.1", port=wanted["port"]),
        # Without captions nobody needs anybody's words, so that nothing is analysed.
        media=MediaSettings(captions=False, **wanted["media"]),
    )
    meter = LagMeter()

    async with System(settings, engines=NoEngines()) as system:
        await answer({"url": system.url}, {"begin": meter.begin, "figures": partial(figures, meter)})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(json.loads(sys.argv[1])))
