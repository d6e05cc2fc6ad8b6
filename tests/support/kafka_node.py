"""A node on Kafka in a process of its own, without workers inside: what it costs and how late its loop is can be asked.

Its argument is JSON: the `bus` as `--bus` takes it, and the `prefix` of its topics.
"""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from media_server.rtc.settings import RtcSettings
from parley import collector, logs
from parley.settings import LogSettings, Settings
from parley.system import System
from pipeline.settings import KafkaSettings, PipelineSettings
from signaling.settings import SignalingSettings
from tests.support.bare_node import figures
from tests.support.child import Child, answer
from tests.support.lag import LagMeter


def kafka_node(log: Path, bus: str, prefix: str = "") -> Child:
    """Start one; a context manager. Its greeting has the `url`; ask it to `begin`, and for `figures` since then."""
    return Child("tests.support.kafka_node", json.dumps({"bus": bus, "prefix": prefix}), log=log)


async def main(wanted: dict[str, Any]) -> None:
    """Serve until standard input closes."""
    logs.configure(LogSettings(level="info"))
    settings = Settings(
        signaling=SignalingSettings(host="127.0.0.1", port=0),
        rtc=RtcSettings(host="127.0.0.1", port=0),
        pipeline=PipelineSettings(bus_url=wanted["bus"], kafka=KafkaSettings(prefix=wanted["prefix"])),
    )
    meter = LagMeter()

    async with System(settings) as system:
        collector.settle()
        await answer({"url": system.url}, {"begin": meter.begin, "figures": partial(figures, meter)})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(json.loads(sys.argv[1])))
