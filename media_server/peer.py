"""What a room needs of a browser's connection. `media_server.rtc` implements it; tests have joined fakes."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import msgspec

from media_server.packet import AudioPacket


class OfferError(ValueError):
    """The browser's offer cannot be used; the message says why. Nothing of the peer was changed."""


class PeerState(StrEnum):
    """A connection's life, in order; it never goes back."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


class IceCandidate(msgspec.Struct, frozen=True, rename="camel"):
    """As `RTCIceCandidate.toJSON()` gives it."""

    candidate: str
    sdp_mid: str | None = None
    sdp_m_line_index: int | None = None
    username_fragment: str | None = None


class Outlet(Protocol):
    """The sending end of one slot: one outgoing m-line with one SSRC, whichever source it carries.

    Sequence numbers and timestamps are continuous across sources: a hole in a source stays a hole of the same size, and
    a change of source, or the time between two talk spurts, is a step in time but not in sequence.
    """

    mid: str

    def forward(self, source: str, packet: AudioPacket) -> None:
        """Send one packet of a source now. Never blocks, never raises; without a connection it does nothing.

        A source other than the last one, or the first packet after `rest`, begins a talk spurt (marker bit).
        """

    def rest(self) -> None:
        """End the talk spurt: send the frame that says silence follows (Opus DTX). Harmless when at rest."""


class Peer(Protocol):
    """One browser's connection: one incoming audio m-line, and the outlets in m-line order."""

    # Called for each packet from the microphone. What it raises is caught, counted and logged, and costs that packet.
    on_packet: Callable[[AudioPacket], None]
    on_state: Callable[[PeerState], None]

    @property
    def state(self) -> PeerState: ...

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """In m-line order, as negotiated: floor slots first. Empty before `answer`."""
        ...

    async def answer(self, offer: str) -> str:
        """Answer a browser's SDP offer: its first audio m-line is the microphone, those that receive are the slots.

        Raises:
            OfferError: not an SDP that can be used here, or more than is allowed of something in it.
        """
        ...

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """Take a trickled candidate; None ends them.

        Raises:
            OfferError: not a candidate.
        """

    async def close(self) -> None:
        """End the connection. Idempotent; always returns within 5 s, whatever the stack below does."""


PeerFactory = Callable[[], Peer]
