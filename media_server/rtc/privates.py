"""The one place that touches the insides of aiortc, aioice and pylibsrtp; `test_privates` says when they change.

What is bent, and why:

- ICE goes through the node's one port: each aioice connection gets a transport that writes to it, instead of sockets of
  its own on every address, and what comes in is handed to it by `Demux`.
- aiortc's senders and receivers never start: no encoder, no decoder thread, no jitter buffer (280 ms for ever after one
  lost packet), no tasks. RTP and RTCP are taken and sent here, straight on the SRTP sessions that DTLS made.
- Each codec's format parameters and RTCP feedback are set where the answer is made from them; aiortc's own table has
  none.
"""

import asyncio
import secrets
import string
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from aioice import Candidate
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import CandidatePair, StunProtocol, get_host_addresses
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceParameters
from aiortc.rtcrtpparameters import RTCRtcpFeedback
from prometheus_client import Counter
from pylibsrtp import Error as SrtpError

from media_server.rtc.demux import Address
from media_server.rtc.handshakes import Handshakes
from media_server.rtc.offer import Offer
from media_server.rtc.port import MediaPort, is_ipv6
from media_server.rtc.route import Route
from media_server.rtc.rtp import Header
from media_server.rtc.whereabouts import Whereabouts

AIORTC = "1.16.0"
AIOICE = "0.13.0"
"""The versions that this module was read against."""

# Of the user fragment by which connections are told apart: four, as aioice makes them, collide among a few thousand.
_FRAGMENT_LENGTH = 12
_ICE_CHARACTERS = string.ascii_letters + string.digits

_COMPONENT = 1  # RTP and RTCP share it
_BINDING_REQUEST = b"\0\1"

# RTP and RTCP sources (SSRCs) one connection may send from over its life. SRTP's session keeps something for each and
# looks through all of them for each packet, whatever is in it. A browser uses about two for each m-line.
MAX_SOURCES = 64

_waiting_dropped = Counter("parley_rtc_dtls_dropped_total", "DTLS datagrams dropped because too many were waiting")
_undecipherable = Counter(
    "parley_rtc_srtp_failures_total", "Datagrams that were not SRTP of their connection, or replayed"
)

_log = structlog.get_logger(__name__)


def host_addresses() -> list[str]:
    """List this host's addresses, loopback and link-local ones left out."""
    return get_host_addresses(use_ipv4=True, use_ipv6=True)


class Outgoing(NamedTuple):
    """An m-line that this node sends on."""

    mid: str
    ssrc: int


class Answer(NamedTuple):
    """What came of an offer."""

    sdp: str
    outgoing: tuple[Outgoing, ...]
    # Source of this node's reports about the microphone.
    report_ssrc: int


class _PortTransport(asyncio.DatagramTransport):
    """The node's port, as one connection sees it."""

    def __init__(self, wire: "Wire", protocol: StunProtocol) -> None:
        super().__init__()
        self._wire = wire
        self._protocol = protocol
        self._closing = False

    def sendto(self, data: Any, addr: Any = None) -> None:
        self._wire.send(bytes(data), addr)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close


class Wire:
    """A connection's way through the node's port: its ICE, its DTLS and its two SRTP sessions. A `demux.Leg`."""

    def __init__(self, dtls: RTCDtlsTransport, port: MediaPort, *, max_waiting: int, handshakes: Handshakes) -> None:
        self._dtls = dtls
        self._port = port
        self._max_waiting = max_waiting
        self._handshakes = handshakes
        self._connection = connection = dtls.transport._connection
        self._protocols: dict[bool, StunProtocol] = {}
        self.username = _fragment(port)
        self.password = connection.local_password.encode()
        connection._local_username = self.username
        connection.gather_candidates = self._gather  # type: ignore[method-assign]
        # Called with decrypted packets, and when the wire opens or closes.
        self.on_rtp: Callable[[bytes], None] = _ignore
        self.on_rtcp: Callable[[bytes], None] = _ignore
        self.on_state: Callable[[bool], None] = _ignore
        # Called when more sources send than may.
        self.on_too_many: Callable[[], None] = _do_nothing
        self._sources: set[bytes] = set()
        # Whether media can be sent and received; the SRTP sessions' methods while it can.
        self.is_open = False
        self._unprotect: Callable[[bytes], bytes] | None = None
        self._unprotect_rtcp: Callable[[bytes], bytes] | None = None
        self._protect_rtcp: Callable[[bytes], bytes] | None = None
        # Where to send: another place when ICE nominates another pair.
        self._route = Route(port)
        self.route = self._route.shared
        connection._nominated = self._nominated = _Nominated(self._route.turn_to)
        self._whereabouts = Whereabouts()
        # aiortc's task that connects, which nobody else holds.
        self._connecting: set[asyncio.Task[Any]] = set()
        self._start_ice = dtls.transport.start
        dtls.transport.start = self._start  # type: ignore[method-assign,assignment]
        dtls.on("statechange", self._dtls_changed)
        port.demux.add(self)

    def close(self) -> None:
        """Take nothing more from the port, and send nothing more. Idempotent. aiortc's own farewells still go out."""
        self._port.demux.remove(self)
        self._forget_srtp()
        self.on_rtp = self.on_rtcp = self.on_state = _ignore
        self.on_too_many = _do_nothing

    async def connected(self) -> None:
        """Wait until nobody tries to connect any more; soon after aiortc's connection was closed."""
        self._handshakes.end(self)
        if self._connecting:
            await asyncio.wait(self._connecting)
        self.abandon()  # aioice asks for consent for ever if it was closed just when its checks were done.

    def abandon(self) -> None:
        """End every task that can be reached."""
        for task in (*self._connecting, self._dtls._task, self._connection._query_consent_task):
            if task is not None:
                task.cancel()

    # What the port hands over.

    def receive_stun(self, data: bytes, address: Address) -> None:
        protocol = self._protocols.get(is_ipv6(address[0]))
        if protocol is not None:
            protocol.datagram_received(data, address)
            if data[:2] == _BINDING_REQUEST:
                self._follow(address)

    def _follow(self, address: Address) -> None:
        """Send to where the browser asks from, if it has moved without a word; once it has answered from there."""
        old = self._nominated.get(_COMPONENT)
        if self._whereabouts.moved(address, old.remote_addr if old else None, asyncio.get_running_loop().time()):
            for pair in self._connection._check_list:
                if pair.remote_addr == address:
                    pair.remote_nominated = True

    def receive_dtls(self, data: bytes) -> None:
        if self._connection._queue.qsize() >= self._max_waiting:
            _waiting_dropped.inc()
        else:
            self._connection.data_received(data, _COMPONENT)

    def receive_media(self, data: bytes) -> None:
        if self._unprotect is None or self._unprotect_rtcp is None or len(data) < 2:
            return
        rtcp = 191 < data[1] < 224  # RFC 5761 section 4
        try:
            plain = self._unprotect_rtcp(data) if rtcp else self._unprotect(data)
        except (SrtpError, ValueError):
            _undecipherable.inc()
            return
        source = plain[4:8] if rtcp else plain[8:12]
        if source not in self._sources:
            self._sources.add(source)
            if len(self._sources) > MAX_SOURCES:
                self.on_too_many()
                return
        if rtcp:
            self.on_rtcp(plain)
        else:
            self.on_rtp(plain)

    # What goes out.

    def send(self, data: bytes, address: Address) -> None:
        """Send as it is: STUN and DTLS."""
        self._port.send(data, address, self)

    def send_rtp(self, header: Header, rest: bytes) -> bool:
        """Encrypt, and send with the next `flush`. Never raises; False if it will not go out."""
        return self._route.send(header, rest)

    def flush(self) -> None:
        """Let everything leave that was to be sent, to whomever."""
        self._port.flush()

    def flush_soon(self) -> None:
        """See to it that what lanes.c has made ready leaves."""
        self._port.flush_soon()

    def failed(self, packets: int) -> None:
        """Count packets that lanes.c could not encrypt."""
        for _ in range(packets):
            self._port.send_failed()

    def send_rtcp(self, compound: bytes) -> bool:
        """Encrypt and send at once. Never raises; False if it did not go out."""
        pair, protect = self._nominated.get(_COMPONENT), self._protect_rtcp
        if pair is None or protect is None:
            return False
        try:
            self._port.sender(pair.remote_addr[0])(protect(compound), pair.remote_addr)
        except (KeyError, OSError, SrtpError, ValueError):
            self._port.send_failed()
            return False
        return True

    async def _gather(self) -> None:
        """In place of `Connection.gather_candidates`: the port's addresses, one protocol for each address family."""
        connection = self._connection
        if connection._local_candidates_start:
            return
        connection._local_candidates_start = True
        for index, host in enumerate(self._port.announced):
            candidate = Candidate(
                foundation=candidate_foundation("host", "udp", host),
                component=_COMPONENT,
                transport="udp",
                priority=candidate_priority(_COMPONENT, "host", 65535 - index),
                host=host,
                port=self._port.port,
                type="host",
            )
            connection._local_candidates.append(candidate)
            if is_ipv6(host) not in self._protocols:
                protocol = StunProtocol(connection)
                protocol.connection_made(_PortTransport(self, protocol))
                protocol.local_candidate = candidate
                self._protocols[is_ipv6(host)] = protocol
                connection._protocols.append(protocol)
        connection._local_candidates_end = True

    async def _start(self, parameters: RTCIceParameters) -> None:
        """In place of `RTCIceTransport.start`, which each m-line's turn of aiortc's connecting task calls."""
        task = asyncio.current_task()
        if task is not None and task not in self._connecting:
            self._connecting.add(task)
            task.add_done_callback(self._connected)
        await self._start_ice(parameters)
        if self._dtls.state == "new":
            await self._handshakes.begin(self)

    def _connected(self, task: asyncio.Task[Any]) -> None:
        self._connecting.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("connect_failed", exc_info=task.exception())
            self.on_state(False)

    def _dtls_changed(self) -> None:
        if self._dtls.state in ("connected", "closed", "failed"):
            self._handshakes.end(self)
        if self._dtls.state == "connected":
            receiving, sending = self._dtls._rx_srtp, self._dtls._tx_srtp
            self._unprotect, self._unprotect_rtcp = receiving.unprotect, receiving.unprotect_rtcp
            self._protect_rtcp = sending.protect_rtcp
            self._route.open(sending)
            self.is_open = True
            self.on_state(True)
        elif self._dtls.state in ("closed", "failed"):
            self._forget_srtp()
            self.on_state(False)

    def _forget_srtp(self) -> None:
        self.is_open = False
        self._route.close()
        self._unprotect = self._unprotect_rtcp = self._protect_rtcp = None


class Stack:
    """An RTCPeerConnection that negotiates, and leaves the media to its wire."""

    def __init__(self, on_failure: Callable[[], None]) -> None:
        """`on_failure` is called when the connection broke, or the browser ended it; perhaps more than once."""
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._on_failure = on_failure
        self._pc.on("connectionstatechange", self._changed)
        self.wire: Wire | None = None

    async def answer(
        self,
        offer: Offer,
        port: MediaPort,
        *,
        max_waiting: int,
        handshakes: Handshakes,
        opus: dict[str, int | str | None],
    ) -> Answer:
        """Negotiate; from then on the connection comes up by itself, in its turn of `handshakes`. To be called once.

        `opus` are the format parameters that the browser is asked to encode with (RFC 7587 section 6.1).
        Whatever aiortc raises comes through.
        """
        await self._pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        transceivers = self._pc.getTransceivers()
        for transceiver, section, direction in zip(transceivers, offer.sections, offer.answered, strict=True):
            transceiver.direction = direction
            for codec in transceiver._codecs:
                codec.parameters = dict(opus)
                codec.rtcpFeedback = [RTCRtcpFeedback(type=feedback) for feedback in section.feedback]
            transceiver.sender.send = _never_start  # type: ignore[method-assign]
            transceiver.receiver.receive = _never_start  # type: ignore[method-assign]
        dtls = transceivers[0].receiver.transport
        self.wire = Wire(dtls, port, max_waiting=max_waiting, handshakes=handshakes)
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        ssrcs = [transceiver.sender._ssrc for transceiver in transceivers]
        sections = zip(offer.sections, offer.answered, ssrcs, strict=True)
        outgoing = tuple(Outgoing(section.mid, ssrc) for section, way, ssrc in sections if way == "sendonly")
        return Answer(self._pc.localDescription.sdp, outgoing, ssrcs[0])

    async def close(self) -> None:
        """Say farewell and end. May hang; see `abandon`."""
        if self.wire is not None:
            self.wire.close()
        await self._pc.close()
        if self.wire is not None:
            await self.wire.connected()

    def abandon(self) -> None:
        """End what `close` could not, as far as it can be reached."""
        if self.wire is not None:
            self.wire.abandon()

    def _changed(self) -> None:
        if self._pc.connectionState in ("failed", "closed"):
            self._on_failure()


class _Nominated(dict[int, CandidatePair]):
    """aioice's table of the pairs that are used, by component, which says so when it changes."""

    def __init__(self, changed: Callable[[Address | None], None]) -> None:
        super().__init__()
        self._changed = changed

    def __setitem__(self, component: int, pair: CandidatePair) -> None:
        super().__setitem__(component, pair)
        if component == _COMPONENT:
            self._changed(pair.remote_addr)

    def clear(self) -> None:
        super().clear()
        self._changed(None)


def _fragment(port: MediaPort) -> str:
    while True:
        fragment = "".join(secrets.choice(_ICE_CHARACTERS) for _ in range(_FRAGMENT_LENGTH))
        if fragment not in port.demux:
            return fragment


async def _never_start(parameters: object) -> None:
    """In place of the `send` and `receive` that start aiortc's senders and receivers."""


def _ignore(_: object) -> None:
    """Until somebody listens, and after."""


def _do_nothing() -> None:
    """Until somebody listens, and after."""
