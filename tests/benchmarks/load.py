"""Talkers and listeners over real ICE, DTLS and SRTP, cheap enough that one core carries hundreds of them."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from tests.support.caller import Sound, as_sent, loopback
from tests.support.opus import PACKET_MS
from tests.support.recordings import recordings

_LEVEL_EXTENSION = 2  # as aiortc offers it
_PAYLOAD_TYPE = 96


def speech() -> list[Sound]:
    """Give the test recordings, one behind the other, as 20 ms packets."""
    return as_sent(np.concatenate([recording.samples for recording in recordings()]))


class Client:
    """One connection, with nothing of aiortc's own senders and receivers but their m-lines."""

    def __init__(self, *, talks: bool, slots: int, sent_at: dict[bytes, float]) -> None:
        """`sent_at`: when each payload was last sent by a talker of this process."""
        self.talks = talks
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        for direction in ["sendonly"] * talks + ["recvonly"] * slots:
            self.pc.addTransceiver("audio", direction=direction)
        self._sent_at = sent_at
        first = self.pc.getTransceivers()[0]
        self._dtls: Any = first.receiver.transport
        self._ssrc = first.sender._ssrc
        self._number = 0
        # Where the server takes media.
        self.server_port = 0
        self.received = 0
        # Milliseconds from the talker's sending to here; only of payloads that arrive as they were sent.
        self.latencies: list[float] = []

    async def connect(self, http: aiohttp.ClientSession, url: str, room: str) -> None:
        """Offer, and wait until media can flow."""
        with loopback():
            await self.pc.setLocalDescription(await self.pc.createOffer())
        for transceiver in self.pc.getTransceivers():
            transceiver.sender.send = _never  # type: ignore[method-assign]
            transceiver.receiver.receive = _never  # type: ignore[method-assign]
        self._dtls._handle_rtp_data = self._take
        self._dtls._handle_rtcp_data = _ignore
        role = "pub" if self.talks else "sub"
        offer = {"sdp": self.pc.localDescription.sdp, "type": "offer", "role": role, "room": room}
        async with http.post(f"{url}/offer", json=offer) as response:
            response.raise_for_status()
            answer = await response.json()
        candidate = re.search(r"^a=candidate:(?:\S+ ){5}(\d+)", answer["sdp"], re.MULTILINE)
        self.server_port = int(candidate[1]) if candidate else 0
        await self.pc.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        async with asyncio.timeout(30):
            while self.pc.connectionState != "connected":  # noqa: ASYNC110 - simple, and over soon
                await asyncio.sleep(0.01)

    async def send(self, sound: Sound) -> None:
        """Send 20 ms."""
        self._number += 1
        header = bytes((0x90, _PAYLOAD_TYPE)) + (self._number & 0xFFFF).to_bytes(2, "big")
        header += (self._number * 960 & 0xFFFFFFFF).to_bytes(4, "big") + self._ssrc.to_bytes(4, "big")
        extension = b"\xbe\xde\x00\x01" + bytes((_LEVEL_EXTENSION << 4, 0x80 | sound.level, 0, 0))
        await self._dtls._send_rtp(header + extension + sound.payload)

    async def close(self) -> None:
        """Close the connection, or give up after 5 s."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.pc.close(), 5)

    async def _take(self, data: bytes, arrival_time_ms: int) -> None:
        start = 12
        if data[0] & 0x10:
            start += 4 + 4 * int.from_bytes(data[14:16], "big")
        if len(data) - start <= 2:  # the rest between two talk spurts
            return
        self.received += 1
        sent_at = self._sent_at.get(data[start:])
        if sent_at is not None:
            self.latencies.append((time.monotonic() - sent_at) * 1000)


class Room(NamedTuple):
    """How many there are of each in a room."""

    # Only talk.
    talkers: int = 0
    # Only listen, to all of the others.
    listeners: int = 0
    # Do both.
    members: int = 0

    @property
    def flows(self) -> int:
        """Packets that go out for one of everybody who talks."""
        return (self.talkers + self.members) * self.listeners + (self.talkers + self.members - 1) * self.members


class Load:
    """Rooms full of clients, all connected. Made by `load`."""

    def __init__(self, sounds: list[Sound]) -> None:
        self._sounds = sounds
        self._sent_at: dict[bytes, float] = {}
        self.clients: list[Client] = []
        self._talkers: list[Client] = []
        # Of each packet that a talker sends, how many are to arrive; and of all that were sent.
        self._flows = 0
        self.expected = 0
        self._sent = 0

    async def add(self, http: aiohttp.ClientSession, url: str, name: str, room: Room) -> None:
        """Connect everybody of a room."""
        kinds = [(True, 0)] * room.talkers
        kinds += [(True, room.talkers + room.members - 1)] * room.members
        kinds += [(False, room.talkers + room.members)] * room.listeners
        for talks, slots in kinds:
            client = Client(talks=talks, slots=slots, sent_at=self._sent_at)
            self.clients.append(client)
            await client.connect(http, url, name)
            if talks:
                self._talkers.append(client)
        self._flows += room.flows

    async def talk(self, seconds: float) -> None:
        """Let everybody talk at once, each at another place of the book, on an absolute schedule."""
        began, sounds, talkers = time.monotonic(), self._sounds, self._talkers
        steps = round(seconds * 1000 / PACKET_MS)
        for step in range(steps):
            for index, talker in enumerate(talkers):
                due = began + (step + index / len(talkers)) * PACKET_MS / 1000
                if due > time.monotonic():
                    await asyncio.sleep(due - time.monotonic())
                sound = sounds[(self._sent + step + index * len(sounds) // len(talkers)) % len(sounds)]
                self._sent_at[sound.payload] = time.monotonic()
                await talker.send(sound)
        self._sent += steps
        self.expected += steps * self._flows

    async def settle(self) -> None:
        """Wait for what is on its way."""
        await asyncio.sleep(0.3)

    def reset(self) -> None:
        """Count from here."""
        self.expected = 0
        for client in self.clients:
            client.received = 0
            client.latencies.clear()

    @property
    def received(self) -> int:
        return sum(client.received for client in self.clients)

    @property
    def latencies(self) -> list[float]:
        return [latency for client in self.clients for latency in client.latencies]


@asynccontextmanager
async def load(url: str, rooms: dict[str, Room], sounds: list[Sound]) -> AsyncIterator[Load]:
    """Connect everybody of these rooms, by their names; everything is closed at the end."""
    whole = Load(sounds)
    async with aiohttp.ClientSession() as http:
        try:
            for name, room in rooms.items():
                await whole.add(http, url, name, room)
            yield whole
        finally:
            await asyncio.gather(*(client.close() for client in whole.clients))


async def _never(parameters: object) -> None:
    """In place of what starts aiortc's senders and receivers."""


async def _ignore(data: bytes) -> None:
    """Take no interest in reports."""
