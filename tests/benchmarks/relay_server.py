"""What aiortc offers for the same task: a `MediaRelay` behind the same `POST /offer`, for comparison.

Every packet is decoded once and encoded for each listener. `python -m tests.benchmarks.relay_server` is used as
`offer_server` is.
"""

import asyncio
import json
import signal

import uvloop
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from aiortc.rtcconfiguration import RTCBundlePolicy

from tests.support.caller import loopback


class RelayServer:
    """Publishers' tracks in the order in which they came; each subscriber gets one on each m-line."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._tracks: list[MediaStreamTrack] = []
        self._peers: list[RTCPeerConnection] = []
        self.app = web.Application()
        self.app.add_routes([web.post("/offer", self._offer)])

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(peer.close() for peer in self._peers))

    async def _offer(self, request: web.Request) -> web.Response:
        offer = await request.json()
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._peers.append(peer)
        if offer["role"] == "pub":
            peer.on("track", self._tracks.append)
        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
        if offer["role"] == "sub":
            for transceiver, track in zip(peer.getTransceivers(), self._tracks, strict=False):
                transceiver.sender.replaceTrack(self._relay.subscribe(track))
                transceiver.direction = "sendonly"
        with loopback():
            await peer.setLocalDescription(await peer.createAnswer())
        return web.json_response({"sdp": peer.localDescription.sdp, "type": "answer"})


async def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = RelayServer()
    runner = web.AppRunner(server.app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
    await stop.wait()
    await server.close()
    await runner.cleanup()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as asyncio_runner:
        asyncio_runner.run(main())
