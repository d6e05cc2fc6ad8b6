"""This node's media server without a door: rooms behind `POST /offer {"sdp","type","role":"pub"|"sub","room"}`.

Everybody speaks one language and nothing is captioned, so all there is to do is to forward. Only for benchmarks:
whoever reaches the port is let in. `python -m tests.benchmarks.offer_server [PORT]` prints its address as a JSON line,
and serves until it is told to end.
"""

import asyncio
import itertools
import json
import signal
import sys
from contextlib import AsyncExitStack

import uvloop
from aiohttp import web

from media_server.room import Room
from media_server.rooms import Rooms
from media_server.rtc.endpoint import RtcEndpoint
from media_server.rtc.settings import RtcSettings
from media_server.settings import MediaSettings
from parley import collector, logs
from parley.settings import LogSettings
from pipeline.bus.memory import MemoryBus

# As many floors as the largest scene has talkers.
MEDIA = MediaSettings(floor_slots=8, voice_slots=1, captions=False)
RTC = RtcSettings(host="127.0.0.1", max_sections=16)

LAG_STEP_S = 0.01


class OfferServer:
    """Answers offers as a room's participants, and from the first time it is asked on, how late the event loop runs."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._numbers = itertools.count()
        # Milliseconds by which a timer of 10 ms came late, since they were last asked for.
        self._lags: list[float] = []
        self._watching: asyncio.Task[None] | None = None
        self.app = web.Application()
        self.app.add_routes([web.post("/offer", self._offer), web.get("/lags", self._tell_lags)])

    async def _watch(self) -> None:
        """Measure how late the loop runs, to the end of the process."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_STEP_S
            await asyncio.sleep(LAG_STEP_S)
            self._lags.append((loop.time() - due) * 1000)

    async def _offer(self, request: web.Request) -> web.Response:
        offer = await request.json()
        room: Room = self._rooms.open(offer.get("room", "bench"))
        participant = room.join(
            participant_id=f"{offer['role']}-{next(self._numbers)}",
            name=offer["role"],
            speaking_language="en",
            listening_language="en",
            original="off",
            events=lambda _: None,
        )
        return web.json_response({"sdp": await participant.answer(offer["sdp"]), "type": "answer"})

    async def _tell_lags(self, _: web.Request) -> web.Response:
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        lags, self._lags = self._lags, []
        return web.json_response(lags)


async def main(port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure(LogSettings(level="warning"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(MemoryBus())
        endpoint = await stack.enter_async_context(RtcEndpoint(RTC))
        rooms = await stack.enter_async_context(Rooms(bus=bus, new_peer=endpoint.new_peer, settings=MEDIA))
        server = OfferServer(rooms)
        runner = web.AppRunner(server.app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        collector.settle()
        print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
        await stop.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as asyncio_runner:
        asyncio_runner.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
