"""What a room needs of a browser's connection. `media_server.rtc` implements it; tests have joined fakes."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol
from weakref import WeakSet

import msgspec
import structlog
from prometheus_client import Counter

from media_server.packet import AudioPacket
from media_server.recent import Recent

_faults = Counter("parley_outlet_faults_total", "Packets that were lost because an outlet raised an exception.")
_log = structlog.get_logger(__name__)


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


class Sent(NamedTuple):
    """What left an outlet so far."""

    packets: int = 0
    # Of payload.
    octets: int = 0
    # RTP timestamp of the newest packet as it went out; None without a connection, or if nobody there could see it.
    timestamp: int | None = None


class LinkFigures(NamedTuple):
    """How well a connection does, by its reports of the last seconds; each None while nothing is known of it."""

    rtt_s: float | None = None
    # Share of the microphone's packets that did not come, repaired ones left out, and how unsteadily they came.
    up_lost: float | None = None
    up_jitter_s: float | None = None
    # The same of what is sent to the browser, of the worst slot.
    down_lost: float | None = None
    down_jitter_s: float | None = None


class Fan(Protocol):
    """Several outlets that get the packets of one source together, which costs less than one by one."""

    def forward(self, source: str, packet: AudioPacket) -> None:
        """Do what `Outlet.forward` does, for each. What one of them raises costs nobody else the packet."""


FanFactory = Callable[[Sequence[Any], Recent], Fan]
"""Makes one of outlets of its own kind and what their source sent lately, in which the packet at hand is already."""


class Outlet(Protocol):
    """The sending end of one slot: one outgoing m-line with one SSRC, whichever source it carries.

    Sequence numbers and timestamps are continuous across sources: a hole in a source stays a hole of the same size, and
    a change of source, or the time between two talk spurts, is a step in time but not in sequence.
    """

    mid: str

    @property
    def new_fan(self) -> FanFactory | None:
        """Give what sends to this one and others of its kind together; None if nothing does."""
        ...

    @property
    def sent(self) -> Sent:
        """Say what left."""
        ...

    def forward(self, source: str, packet: AudioPacket) -> None:
        """Send one packet of a source now. Never blocks, never raises; without a connection it does nothing.

        A source other than the last one, or the first packet after `rest`, begins a talk spurt (marker bit). It leaves
        with the next `flush`, or by itself when what the event loop does at the moment is done.
        """

    def rest(self) -> None:
        """End the talk spurt: send the frame that says silence follows (Opus DTX). Harmless when at rest."""

    def flush(self) -> None:
        """Let everything leave that was forwarded by any outlet of this node: together it costs half as much."""


# Outlets that have been logged as failing.
_complained: WeakSet[Outlet] = WeakSet()


def outlet_failed(outlet: Outlet) -> None:
    """Count what an outlet raised, and log its first."""
    _faults.inc()
    if outlet not in _complained:
        _complained.add(outlet)
        _log.exception("outlet_failed", mid=outlet.mid)


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

    @property
    def figures(self) -> LinkFigures:
        """Say how well the connection does."""
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
