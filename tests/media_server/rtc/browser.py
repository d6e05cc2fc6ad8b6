"""A stock aiortc connection in the part of a browser: it offers a microphone and slots, and notes what it gets."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtp import RtpPacket

from media_server.rtc.peer import RtcPeer
from tests.support.rtp_packet import pack

LEVEL_EXTENSION = 2  # as aiortc offers it


class Browser:
    """Offers `slots` m-lines to receive on, after one for the microphone in the given direction."""

    def __init__(self, *, slots: int = 8, microphone: str = "sendonly") -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._microphone = self.pc.addTransceiver("audio", direction=microphone)
        for _ in range(slots):
            self.pc.addTransceiver("audio", direction="recvonly")
        _use_loopback(self._microphone.receiver.transport.transport._connection)
        self._payload_type = 96  # as aiortc offers it
        # What came in, by mid.
        self.heard: dict[str, list[RtpPacket]] = {}
        self.reports: list[Any] = []
        self.on_heard: Callable[[], None] = lambda: None
        # aiortc's own tasks that connect; closed while they run, they need some turns of the loop to notice.
        self._connecting: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.pc.close()
        if self._connecting:
            await asyncio.wait(self._connecting, timeout=5)

    async def offer(self) -> str:
        """Make the offer."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        for transceiver in self.pc.getTransceivers():
            self._listen(transceiver)
        return self.pc.localDescription.sdp

    async def accept(self, answer: str) -> None:
        before = asyncio.all_tasks()
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._connecting |= {task for task in asyncio.all_tasks() - before if "__connect" in repr(task.get_coro())}

    async def connect(self, peer: RtcPeer) -> None:
        """Join: offer, answer, and wait until both ends stand."""
        await self.accept(await peer.answer(await self.offer()))
        await until(lambda: self.pc.connectionState == "connected" and peer.state == "connected")

    async def speak(
        self,
        sequence_number: int,
        payload: bytes,
        *,
        timestamp: int | None = None,
        level: int = 30,
        ssrc: int | None = None,
    ) -> None:
        """Send one packet from the microphone."""
        element = bytes((LEVEL_EXTENSION << 4, 0x80 | level, 0, 0))
        packet = pack(
            self._payload_type,
            sequence_number & 0xFFFF,
            (sequence_number * 960 if timestamp is None else timestamp) & 0xFFFFFFFF,
            self._microphone.sender._ssrc if ssrc is None else ssrc,
            payload,
            extension=b"\xbe\xde\x00\x01" + element,
        )
        await self._microphone.sender.transport._send_rtp(packet)

    async def report(self, compound: bytes) -> None:
        """Send a compound RTCP packet."""
        await self._microphone.sender.transport._send_rtp(compound)

    async def send_datagram(self, data: bytes) -> None:
        """Send bytes as they are from the address that the connection uses; or none, which asyncio itself would not."""
        if data:
            await self._microphone.sender.transport.transport._send(data)
            return
        pair = self._microphone.sender.transport.transport._connection._nominated[1]
        with socket.socket(fileno=os.dup(pair.protocol.transport.get_extra_info("socket").fileno())) as sock:
            sock.sendto(data, pair.remote_addr)

    def payloads(self, mid: str) -> list[bytes]:
        return [packet.payload for packet in self.heard.get(mid, [])]

    def _listen(self, transceiver: Any) -> None:
        receiver = transceiver.receiver

        async def hear(packet: RtpPacket, arrival_time_ms: int) -> None:
            self.heard.setdefault(transceiver.mid, []).append(packet)
            self.on_heard()

        async def hear_report(packet: Any) -> None:
            self.reports.append(packet)

        async def receive(parameters: Any) -> None:
            receiver.transport._register_rtp_receiver(receiver, parameters)

        async def never(parameters: Any) -> None:
            transceiver.sender.transport._register_rtp_sender(transceiver.sender, parameters)

        receiver._handle_rtp_packet = hear
        receiver._handle_rtcp_packet = hear_report
        receiver.receive = receive
        transceiver.sender.send = never
        transceiver.sender._handle_rtcp_packet = hear_report


def _use_loopback(connection: Any) -> None:
    """Let aioice use 127.0.0.1, which it leaves out otherwise: test traffic stays on this machine."""
    gather = connection.get_component_candidates

    async def gather_loopback(component: int, addresses: list[str], timeout: int = 5) -> Any:
        return await gather(component, ["127.0.0.1"], timeout)

    connection.get_component_candidates = gather_loopback


@contextlib.asynccontextmanager
async def call(peer: RtcPeer, *, slots: int = 8, microphone: str = "sendonly") -> AsyncIterator[Browser]:
    """Connect a browser to a peer; both are closed at the end."""
    try:
        async with Browser(slots=slots, microphone=microphone) as browser:
            await browser.connect(peer)
            yield browser
    finally:
        await peer.close()


async def until(condition: Callable[[], object], *, seconds: float = 5.0) -> None:
    """Wait until something is true.

    Raises:
        TimeoutError: it did not become true in time.
    """
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the conditions are of many kinds
            await asyncio.sleep(0.005)
