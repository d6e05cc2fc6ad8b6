"""A participant without a browser: stock aiortc speaking the page's protocol, with a recording for a microphone."""

import asyncio
import contextlib
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple
from unittest import mock

import aiohttp
import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from tests.support.opus import PACKET_MS, PACKET_SAMPLES, decode, encode
from tests.support.recordings import Samples, silence

Message = dict[str, Any]


# What each `addressed` in force says; the newest counts. A patch for each, ended in another order, would stay for ever.
_addresses: list[tuple[str, ...]] = []


def _newest(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Stand in for aioice's own `get_host_addresses`."""
    return [address for address in _addresses[-1] if (use_ipv6 if ":" in address else use_ipv4)]


_patch = mock.patch("aioice.ice.get_host_addresses", new=_newest)


@contextlib.contextmanager
def loopback() -> Iterator[None]:
    """Let aioice use 127.0.0.1, which it leaves out otherwise: test traffic stays on this machine."""
    with addressed("127.0.0.1"):
        yield


@contextlib.contextmanager
def addressed(*addresses: str) -> Iterator[None]:
    """Let aioice take these for all of this machine's addresses. Callers who connect at once may overlap."""
    if not _addresses:
        _patch.start()
    _addresses.append(addresses)
    try:
        yield
    finally:
        _addresses.remove(addresses)
        if not _addresses:
            _patch.stop()


class Sound(NamedTuple):
    """20 ms as they travel."""

    payload: bytes
    # As browsers measure it (RFC 6464): -dBov, 127 for digital silence.
    level: int


def as_sent(samples: Samples) -> list[Sound]:
    """Encode 16 kHz mono, and measure it. Some 5 ms of work for each second of sound."""
    payloads = encode(samples)
    padded = np.zeros(len(payloads) * PACKET_SAMPLES)
    padded[: len(samples)] = samples / 32_768
    loudness = (padded.reshape(-1, PACKET_SAMPLES) ** 2).mean(axis=1)
    levels = np.clip(-10 * np.log10(np.maximum(loudness, 1e-13)), 0, 127).round().astype(int)
    return [Sound(payload, int(level)) for payload, level in zip(payloads, levels, strict=True)]


class Microphone(MediaStreamTrack):
    """Sends silence, and what it is given to say, one 20 ms packet at a time on an absolute schedule."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._silence = as_sent(silence(0.02))[0]
        self._unsaid: deque[Sound] = deque()
        self._began = 0.0
        self._sent = 0
        # Of the packet that was handed to the sender last.
        self.level = 127
        # Payload of what was said -> monotonic seconds at which it was handed to the sender, each time.
        self.sent_at: dict[bytes, list[float]] = defaultdict(list)

    def say(self, samples: Samples) -> float:
        """Queue 16 kHz mono sound. Returns the monotonic time at which its first sample is spoken."""
        return self.play(as_sent(samples))

    def play(self, sounds: Iterable[Sound]) -> float:
        """Queue what was encoded before, as long sounds should be: the loop would stand still. Returns as `say`."""
        begins = self._began + (self._sent + len(self._unsaid)) * PACKET_MS / 1000
        self._unsaid.extend(sounds)
        # A packet leaves when its last sample has been spoken: its first one was 20 ms earlier.
        return begins - PACKET_MS / 1000

    async def recv(self) -> "av.Packet[Any]":
        if not self._began:
            self._began = time.monotonic()
        await asyncio.sleep(max(0.0, self._began + self._sent * PACKET_MS / 1000 - time.monotonic()))
        said = self._unsaid.popleft() if self._unsaid else None
        payload, self.level = said or self._silence
        packet = av.Packet(payload)
        packet.pts, packet.time_base = self._sent * 960, Fraction(1, 48_000)
        self._sent += 1
        if said:
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

    def closed_with(self) -> int | None:
        """With which code the server closed the socket; None while it is open."""
        return self._socket.close_code

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

    async def join(self, *, name: str, speaks: str, hears: str, original: str = "off") -> None:
        """Go into the room."""
        await self.send(type="join", name=name, speaking_language=speaks, listening_language=hears, original=original)
        self.participant_id = (await self.wait_for("joined"))["participant_id"]

    async def connect(self, floors: int = 4, voices: int = 4, addresses: Sequence[str] = ("127.0.0.1",)) -> None:
        """Negotiate the one microphone and the slots, and wait until media can flow. `addresses` are mine to use."""
        self._tell_level(self.peer.addTransceiver(self.microphone, "sendonly").sender)
        for _ in range(floors + voices):
            self.peer.addTransceiver("audio", "recvonly")
        with addressed(*addresses):
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

    def _tell_level(self, sender: Any) -> None:
        """Send each packet's level with it, as browsers do; aiortc measures only what it encodes itself."""
        next_frame = sender._next_encoded_frame

        async def with_level(codec: Any) -> Any:
            frame = await next_frame(codec)
            frame.audio_level = -self.microphone.level
            return frame

        sender._next_encoded_frame = with_level

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

    async def close_tab(self) -> None:
        """Be gone as browsers are when a tab is closed: no more sound, and the socket is closed with 1001."""
        for transceiver in self.peer.getTransceivers():
            transceiver.sender.replaceTrack(None)
        await self._socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)

    async def close(self) -> None:
        await self._socket.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.peer.close(), 5)


@contextlib.asynccontextmanager
async def dial(url: str, room: str, token: str | None = None) -> AsyncIterator[Caller]:
    """Open a room's signaling socket, and say nothing yet. Without a token, by one that the server gives to anybody."""
    async with aiohttp.ClientSession() as http:
        if token is None:
            async with http.post(f"{url}/api/v1/dev-token", json={"room_id": room}) as response:
                token = (await response.json())["token"]
        async with http.ws_connect(f"{url}/ws/signaling/{room}", params={"token": token}) as socket:
            caller = Caller(socket)
            listening = asyncio.create_task(caller.listen())
            try:
                yield caller
            finally:
                await caller.close()
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening


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
    async with dial(url, room) as caller:
        await caller.join(name=name, speaks=speaks, hears=hears, original=original)
        if connect:
            await caller.connect()
        yield caller
