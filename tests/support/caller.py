"""A participant without a browser: stock aiortc speaking the page's protocol, with a recording for a microphone."""

import asyncio
import contextlib
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple
from unittest import mock

import aiohttp
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from tests.support.opus import PACKET_MS, decode, encode
from tests.support.recordings import Samples, silence

Message = dict[str, Any]


@contextlib.contextmanager
def loopback() -> Iterator[None]:
    """Let aioice use 127.0.0.1, which it leaves out otherwise: test traffic stays on this machine."""
    with mock.patch("aioice.ice.get_host_addresses", return_value=["127.0.0.1"]):
        yield


class Microphone(MediaStreamTrack):
    """Sends silence, and what it is given to say, one 20 ms packet at a time on an absolute schedule."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._silence = encode(silence(0.02))[0]
        self._unsaid: deque[bytes] = deque()
        self._began = 0.0
        self._sent = 0
        self.muted = False
        # Payload -> monotonic seconds at which it was handed to the sender, each time.
        self.sent_at: dict[bytes, list[float]] = defaultdict(list)

    def say(self, samples: Samples) -> float:
        """Queue 16 kHz mono sound. Returns the monotonic time at which its first sample is spoken."""
        begins = self._began + (self._sent + len(self._unsaid)) * PACKET_MS / 1000
        self._unsaid.extend(encode(samples))
        # A packet leaves when its last sample has been spoken: its first one was 20 ms earlier.
        return begins - PACKET_MS / 1000

    async def recv(self) -> "av.Packet[Any]":
        if not self._began:
            self._began = time.monotonic()
        await asyncio.sleep(max(0.0, self._began + self._sent * PACKET_MS / 1000 - time.monotonic()))
        payload = self._unsaid.popleft() if self._unsaid else self._silence
        packet = av.Packet(payload)
        packet.pts, packet.time_base = self._sent * 960, Fraction(1, 48_000)
        self._sent += 1
        self.sent_at[payload].append(time.monotonic())
        return packet


class Heard(NamedTuple):
    """A packet that came in on one slot."""

    at: float
    sequence_number: int
    timestamp: int
    payload: bytes


@dataclass
class Told:
    """A message from the server and when it came, in monotonic seconds."""

    at: float
    message: Message


class Caller:
    """One participant in a call. Made by `call`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._told = asyncio.Condition()
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.microphone = Microphone()
        self.told: list[Told] = []
        # By mid.
        self.heard: dict[str, list[Heard]] = defaultdict(list)
        self.participant_id = ""
        self.slots: dict[str, str] = {}

    def events(self, kind: str) -> list[Message]:
        """Give all messages of one type so far."""
        return [told.message for told in self.told if told.message["type"] == kind]

    async def send(self, **message: object) -> None:
        await self._socket.send_str(json.dumps(message))

    async def wait_for(
        self, kind: str, fits: Callable[[Message], bool] = lambda _: True, limit_s: float = 10
    ) -> Message:
        """Wait for a message of a type, one that came before included."""

        def found() -> Message | None:
            return next((message for message in self.events(kind) if fits(message)), None)

        async with asyncio.timeout(limit_s), self._told:
            await self._told.wait_for(lambda: found() is not None)
        message = found()
        assert message is not None
        return message

    async def listen(self) -> None:
        """Take messages until the socket closes."""
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                async with self._told:
                    self.told.append(Told(time.monotonic(), json.loads(frame.data)))
                    self._told.notify_all()

    async def connect(self, floors: int = 4, voices: int = 4) -> None:
        """Negotiate the one microphone and the slots, and wait until media can flow."""
        self.peer.addTransceiver(self.microphone, "sendonly")
        for _ in range(floors + voices):
            self.peer.addTransceiver("audio", "recvonly")
        with loopback():
            await self.peer.setLocalDescription(await self.peer.createOffer())
        await self.send(type="offer", sdp=self.peer.localDescription.sdp)
        answer = await self.wait_for("answer")
        await self.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        self.slots = {slot["mid"]: slot["kind"] for slot in answer["slots"]}
        for transceiver in self.peer.getTransceivers()[1:]:
            self._record(transceiver)
        connected = asyncio.Event()

        @self.peer.on("connectionstatechange")
        def changed() -> None:
            if self.peer.connectionState == "connected":
                connected.set()

        async with asyncio.timeout(10):
            if self.peer.connectionState != "connected":
                await connected.wait()

    def _record(self, transceiver: Any) -> None:
        packets = self.heard[transceiver.mid]

        async def take(packet: Any, arrival_time_ms: int) -> None:
            packets.append(Heard(time.monotonic(), packet.sequence_number, packet.timestamp, packet.payload))

        transceiver.receiver._handle_rtp_packet = take

    def on(self, kind: str) -> list[Heard]:
        """Give everything heard on slots of one kind (floor, voice), in order of arrival, rest frames left out."""
        packets = [p for mid, slot in self.slots.items() if slot == kind for p in self.heard[mid]]
        return sorted(p for p in packets if len(p.payload) > 1)

    def sound(self, kind: str) -> Any:
        """Decode what slots of one kind carried: 48 kHz mono, pauses left out."""
        return decode(packet.payload for packet in self.on(kind))

    async def close(self) -> None:
        await self._socket.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.peer.close(), 5)


@contextlib.asynccontextmanager
async def call(
    url: str,
    room: str,
    *,
    name: str,
    speaks: str,
    hears: str,
    original: str = "off",
    connect: bool = True,
) -> AsyncIterator[Caller]:
    """Join a room of a server at `url` as the page does."""
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{url}/api/v1/dev-token", json={"room_id": room}) as response:
            token = (await response.json())["token"]
        async with http.ws_connect(f"{url}/ws/signaling/{room}", params={"token": token}) as socket:
            caller = Caller(socket)
            listening = asyncio.create_task(caller.listen())
            try:
                await caller.send(
                    type="join",
                    name=name,
                    speaking_language=speaks,
                    listening_language=hears,
                    original=original,
                )
                joined = await caller.wait_for("joined")
                caller.participant_id = joined["participant_id"]
                if connect:
                    await caller.connect()
                yield caller
            finally:
                await caller.close()
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening
