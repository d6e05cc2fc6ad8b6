"""A call over WebRTC: stock aiortc, nothing of it touched but what it offers to everybody."""

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Self, cast

import aiohttp
import av
import numpy as np
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy

from parley.client.call import Call
from parley.client.errors import REPLACED, ClientError, ReplacedError, UnreachableError
from parley.client.events import Answer, AnyEvent, Joined, Notice, SlotChanged
from parley.client.heard import Heard, Said
from parley.client.messages import Join, Offer
from parley.client.microphone import Microphone
from parley.client.mouth import Mouth
from parley.client.opus import Encoded, encode
from parley.client.signaling import Signaling, SignalingSettings
from parley.client.tape import Reading, Tape
from parley.client.tokens import TokenSource

SAMPLE_RATE = 48_000
"""Hertz of what is heard."""
PAUSE_S = 0.2
"""Before another connection is made."""
HELD_BACK = 4
"""Packets that aiortc's jitter buffer keeps of each slot until more come (`JitterBuffer(prefetch=4)` in its
rtcrtpreceiver.py): what is given out came so many packets before what has just arrived."""


@dataclass(frozen=True)
class WebRtcSettings:
    """How one connection is made."""

    # How many people's own voices, and how many voices, can be received at once.
    floor_slots: int = 4
    voice_slots: int = 4
    # Seconds until sound can flow, and for the closing.
    connect_s: float = 20.0
    close_s: float = 5.0
    # Pieces of 20 ms kept for those who read `voices`; the oldest goes first.
    kept_frames: int = 512


class WebRtcCall(Call):
    """A participant with a microphone and ears. `async with WebRtcCall(url, room, Join(name="Ann", ...)) as call`.

    A connection for sound that breaks is made anew, as long as the call lasts. aiortc holds back 80 ms of what comes
    in, and the last 80 ms of what somebody said until the next thing comes in the same slot.
    """

    def __init__(
        self,
        url: str,
        room: str,
        who: Join,
        *,
        token: TokenSource = None,
        http: aiohttp.ClientSession | None = None,
        settings: WebRtcSettings | None = None,
        signaling: SignalingSettings | None = None,
    ) -> None:
        super().__init__(Signaling(url, room, who, token=token, http=http, settings=signaling))
        self._settings = settings or WebRtcSettings()
        self._mouth = Mouth()
        self._frames: Tape[Heard] = Tape(self._settings.kept_frames)
        # What each m-line carries from its next packet on.
        self._carried: dict[str, SlotChanged] = {}
        self._peer: RTCPeerConnection | None = None
        self._listening: list[asyncio.Task[None]] = []
        self._renewing: asyncio.Task[None] | None = None
        self._broken = asyncio.Event()
        # Whether another socket of this participant has taken over the sound.
        self._elsewhere = False
        self.signaling.watchers.append(self._watch)

    async def __aenter__(self) -> Self:
        """Join, and connect microphone and ears.

        Raises:
            ClientError: it cannot be done; see `Signaling`.
        """
        await self.signaling.__aenter__()
        try:
            await self._connect()
        except BaseException:
            await self._leave()
            raise
        self._renewing = asyncio.create_task(self._renew(), name="client-webrtc")
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._leave()

    async def say(self, sound: bytes | Encoded, sample_rate: int = 16_000) -> Said:
        """Say mono s16le, or what was encoded before, and wait until it is said; one thing at a time.

        Raises:
            ValueError: Opus does not take the sample rate.
            ClientError: the call has ended.
        """
        if isinstance(sound, bytes):
            sound = await asyncio.to_thread(encode, sound, sample_rate)
        return await self._mouth.say(sound.packets)

    def voices(self) -> Reading[Heard]:
        """Read what is heard, voices and floors, from the last `kept_frames` pieces on."""
        return self._frames.read()

    # The connection.

    async def _connect(self) -> None:
        """Make a connection, and wait until sound can flow."""
        self._broken.clear()
        peer = self._peer = RTCPeerConnection(self._configuration())
        peer.addTransceiver(Microphone(self._mouth), "sendonly")
        for _ in range(self._settings.floor_slots + self._settings.voice_slots):
            peer.addTransceiver("audio", "recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        answer = await self.signaling.ask(Offer(sdp=peer.localDescription.sdp), Answer)
        connected = asyncio.Event()

        @peer.on("connectionstatechange")
        def changed() -> None:
            if peer.connectionState == "connected":
                connected.set()
            elif peer.connectionState in ("failed", "closed") and peer is self._peer:
                self._broken.set()
                connected.set()

        await peer.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        self._listening = [
            asyncio.create_task(self._listen(transceiver), name="client-slot")
            for transceiver in peer.getTransceivers()[1:]
        ]
        try:
            async with asyncio.timeout(self._settings.connect_s):
                if peer.connectionState != "connected":
                    await connected.wait()
        except TimeoutError:
            raise UnreachableError("the media server", "no connection for sound came up in time") from None
        if self._broken.is_set():
            raise UnreachableError("the media server", "no way for sound was found")

    def _configuration(self) -> RTCConfiguration:
        joined = self.signaling.joined
        servers = [RTCIceServer(list(s.urls), s.username, s.credential) for s in joined.ice_servers]
        policy = RTCIceTransportPolicy.RELAY if joined.relay_only else RTCIceTransportPolicy.ALL
        return RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE, iceTransportPolicy=policy)

    async def _renew(self) -> None:
        """Make another connection whenever the one there is breaks."""
        while True:
            await self._broken.wait()
            # Why it was closed may come a moment later, by the other way.
            await asyncio.sleep(PAUSE_S)
            await self._hang_up()
            if self._elsewhere:
                self._end(ReplacedError(REPLACED, "the sound comes and goes by another socket"))
                return
            try:
                await self._connect()
            except Exception as error:  # a fault boundary: whoever talks or listens is told, and waits no longer
                if self.signaling.events.ended or not isinstance(error, ClientError):
                    self._end(error)
                    return
                self._broken.set()

    async def _listen(self, transceiver: RTCRtpTransceiver) -> None:
        """Take what one slot carries, for as long as the connection lasts."""
        mid, track = transceiver.mid, transceiver.receiver.track
        labels: deque[SlotChanged | None] = deque(maxlen=HELD_BACK + 1)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = cast("av.AudioFrame", await track.recv())
                labels.append(self._carried.get(mid or ""))
                label = labels[0]
                if label is not None and label.speaker_id is not None and label.kind in ("voice", "floor"):
                    self._frames.put(
                        Heard(
                            speaker_id=label.speaker_id,
                            kind="voice" if label.kind == "voice" else "floor",
                            language=label.language or "",
                            pcm=_mono(frame),
                            sample_rate=SAMPLE_RATE,
                            at=time.monotonic(),
                        )
                    )

    def _watch(self, event: AnyEvent) -> None:
        match event:
            case SlotChanged():
                self._carried[event.mid] = event
            case Joined(connected=False) if self._peer is not None:
                self._broken.set()
            case Notice(code="media_lost"):
                self._broken.set()
            case Notice(code="sound_elsewhere"):
                self._elsewhere = True
                self._broken.set()

    async def _hang_up(self) -> None:
        peer, self._peer = self._peer, None
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        self._listening = []
        if peer is not None:
            # aiortc's closing can wait for what never comes.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(peer.close(), self._settings.close_s)

    def _end(self, error: BaseException | None) -> None:
        self._mouth.end(error or UnreachableError("", "the call has ended"))
        self._frames.end(error)

    async def _leave(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        await self.signaling.leave()
        await self._hang_up()
        self._end(None)


def _mono(frame: av.AudioFrame) -> bytes:
    """Give the left channel, which is the same as the right one: Parley's sound is mono."""
    samples: Any = frame.to_ndarray()
    return np.ascontiguousarray(samples[0, :: len(frame.layout.channels)]).tobytes()
