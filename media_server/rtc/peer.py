"""A `Peer` on aiortc: one browser's connection."""

import asyncio
import itertools
import random
import re
import time
from collections.abc import Callable
from enum import StrEnum

import structlog
from prometheus_client import Counter

from media_server.packet import AudioPacket
from media_server.peer import FanFactory, IceCandidate, LinkFigures, OfferError, PeerState
from media_server.rtc import offer as offers
from media_server.rtc.fan import RtcFan
from media_server.rtc.handshakes import Handshakes
from media_server.rtc.microphone import Microphone
from media_server.rtc.outlet import RtcOutlet
from media_server.rtc.port import MediaPort
from media_server.rtc.privates import Answer, Stack, Wire
from media_server.rtc.reporter import Reporter
from media_server.rtc.settings import RtcSettings

# Shortest time between two reports to somebody who sends, or only listens, in seconds; the longest is 1 s more.
_REPORT_S = 0.5
_LISTENER_REPORT_S = 2.0

_CNAME = re.compile(r"^a=ssrc:\d+ cname:(\S+)", re.MULTILINE)

_refused = Counter("parley_rtc_offers_refused_total", "Offers and candidates that could not be used")
_closed = Counter("parley_rtc_peers_closed_total", "Connections that ended", ["reason"])
_abandoned = Counter("parley_rtc_closes_abandoned_total", "Connections whose stack did not close in time")
_faults = Counter("parley_rtc_callback_faults_total", "State callbacks that raised an exception")

_peer_ids = itertools.count(1)
_log = structlog.get_logger(__name__)


class CloseReason(StrEnum):
    """Why a connection ended."""

    ASKED = "asked"  # by whoever owns the peer
    LOST = "lost"  # ended by the browser, or not heard of any more
    DEADLINE = "deadline"  # never came up
    TOO_MANY_SOURCES = "too_many_sources"


class RtcPeer:
    """One browser's connection through the node's port.

    Besides aiortc's three tasks (ICE consent, ICE state, DTLS) there is none, and no thread: packets are handled as
    they come in, reports by a timer.
    """

    def __init__(
        self,
        port: MediaPort,
        settings: RtcSettings,
        *,
        handshakes: Handshakes,
        new_fan: FanFactory = RtcFan,
        on_closed: Callable[["RtcPeer"], None] | None = None,
    ) -> None:
        """`on_closed` is told when nothing of the connection is left."""
        self.peer_id = next(_peer_ids)
        self.on_packet: Callable[[AudioPacket], None] = _ignore
        self.on_state: Callable[[PeerState], None] = _ignore
        self._port = port
        self._settings = settings
        self._handshakes = handshakes
        self._new_fan = new_fan
        self._on_closed = on_closed
        self._state = PeerState.NEW
        self._outlets: tuple[RtcOutlet, ...] = ()
        self._candidates = 0
        self._answering = False
        self._stack: Stack | None = None
        self._wire: Wire | None = None
        self._reporter: Reporter | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._next_report: asyncio.TimerHandle | None = None
        self._next_request: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def state(self) -> PeerState:
        return self._state

    @property
    def outlets(self) -> tuple[RtcOutlet, ...]:
        return self._outlets

    @property
    def figures(self) -> LinkFigures:
        return LinkFigures() if self._reporter is None else self._reporter.figures(time.monotonic())

    async def answer(self, offer: str) -> str:
        if self._answering or self._state is not PeerState.NEW:
            raise self._refusal("this connection has had its offer")
        self._answering = True
        try:
            return await self._negotiate(self._read(offer))
        finally:
            self._answering = False

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """Check and count it. It is not needed: see `offer`."""
        if candidate is None:
            return
        self._candidates += 1
        if self._candidates > self._settings.max_candidates:
            raise self._refusal(f"more than {self._settings.max_candidates} candidates")
        try:
            offers.check_candidate(candidate)
        except OfferError as error:
            raise self._refusal(str(error)) from None

    async def close(self) -> None:
        await asyncio.shield(self._end(CloseReason.ASKED))

    def _read(self, text: str) -> offers.Offer:
        try:
            return offers.read(text, self._settings)
        except OfferError as error:
            raise self._refusal(str(error)) from None

    async def _negotiate(self, offer: offers.Offer) -> str:
        stack = Stack(self._lost)
        try:
            answer = await stack.answer(
                offer,
                self._port,
                max_waiting=self._settings.max_waiting,
                handshakes=self._handshakes,
                opus=self._opus_parameters(),
            )
        except BaseException as error:
            await self._close_stack(stack)
            if not isinstance(error, Exception):  # cancelled
                raise
            _log.warning("offer_failed", peer=self.peer_id, exc_info=error)
            raise self._refusal("the offer could not be negotiated") from error
        if self._ending is not None:
            await self._close_stack(stack)
            raise self._refusal("the connection was closed meanwhile")
        self._begin(stack, offer, answer)
        return answer.sdp

    def _refusal(self, why: str) -> OfferError:
        _refused.inc()
        return OfferError(why)

    def _opus_parameters(self) -> dict[str, int | str | None]:
        """In-band FEC; in silence a packet every 400 ms (DTX); no stereo, since a voice has none."""
        return {
            "minptime": 10,
            "useinbandfec": 1,
            "usedtx": int(self._settings.opus_dtx),
            "stereo": 0,
            "maxaveragebitrate": self._settings.opus_bitrate,
        }

    def _begin(self, stack: Stack, offer: offers.Offer, answer: Answer) -> None:
        """Put the parts together. The wire opens later, never before this."""
        wire = stack.wire
        assert wire is not None  # noqa: S101 - answer() made it
        self._stack, self._wire = stack, wire
        self._candidates += offer.candidates
        self._outlets = _outlets(offer, answer, wire, self._new_fan)
        microphone = self._microphone(offer.sections[0])
        cname = _CNAME.search(answer.sdp)
        self._reporter = reporter = Reporter(
            ssrc=answer.report_ssrc,
            cname=cname[1] if cname else "",
            microphone=microphone,
            outlets=self._outlets,
        )
        if "nack" in offer.sections[0].feedback:
            microphone.on_missing = self._request_soon
        wire.on_rtp = lambda data: microphone.take(data, time.monotonic())
        wire.on_rtcp = lambda data: reporter.take(data, time.monotonic(), time.time())
        wire.on_state = self._wire_changed
        wire.on_too_many = lambda: self._end_soon(CloseReason.TOO_MANY_SOURCES)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._settings.connect_deadline, self._end_soon, CloseReason.DEADLINE)
        self._go(PeerState.CONNECTING)

    def _microphone(self, section: offers.Section) -> Microphone:
        microphone = Microphone(
            payload_type=section.payload_type,
            level_extension=section.level_extension,
            max_sources=self._settings.max_sources,
            on_too_many=lambda: self._end_soon(CloseReason.TOO_MANY_SOURCES),
            peer_id=self.peer_id,
        )
        microphone.on_packet = lambda packet: self.on_packet(packet)
        return microphone

    def _wire_changed(self, is_open: bool) -> None:
        if not is_open:
            self._lost()
        elif self._ending is None:
            if self._deadline is not None:
                self._deadline.cancel()
            _log.info("peer_connected", peer=self.peer_id, outlets=len(self._outlets))
            self._schedule_report()
            self._go(PeerState.CONNECTED)

    def _schedule_report(self) -> None:
        # Who only listens is told less often: for what they hear it is enough, and most of a large room only listens.
        shortest = _REPORT_S if self._reporter is not None and self._reporter.receives else _LISTENER_REPORT_S
        delay = shortest + random.random()  # noqa: S311 - RFC 3550 section 6.2 wants them spread
        self._next_report = asyncio.get_running_loop().call_later(delay, self._report)

    def _report(self) -> None:
        if self._reporter is not None and self._wire is not None:
            compound = self._reporter.compound(time.monotonic(), time.time())
            if compound:
                self._wire.send_rtcp(compound)
        self._schedule_report()

    def _request_soon(self) -> None:
        """See to it that the browser is asked for missing packets when that is due."""
        due = self._reporter.request_at if self._reporter is not None else None
        if due is not None and self._next_request is None and self._ending is None:
            delay = max(0.0, due - time.monotonic())
            self._next_request = asyncio.get_running_loop().call_later(delay, self._request)

    def _request(self) -> None:
        self._next_request = None
        if self._reporter is not None and self._wire is not None:
            compound = self._reporter.request(time.monotonic())
            if compound:
                self._wire.send_rtcp(compound)
        self._request_soon()

    def _lost(self) -> None:
        # While an offer is being answered nothing is up yet that could be lost: answer() sees what went wrong.
        if self._stack is not None:
            self._end_soon(CloseReason.LOST)

    def _end_soon(self, reason: CloseReason) -> None:
        self._end(reason)

    def _end(self, reason: CloseReason) -> "asyncio.Task[None]":
        """Begin to end, unless that is under way."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._finish())
            for timer in (self._deadline, self._next_report, self._next_request):
                if timer is not None:
                    timer.cancel()
            if self._wire is not None:
                self._wire.close()
            _closed.labels(reason).inc()
            _log.info("peer_closed", peer=self.peer_id, reason=reason)
            self._go(PeerState.CLOSED)
        return self._ending

    async def _finish(self) -> None:
        if self._stack is not None:
            await self._close_stack(self._stack)
        if self._on_closed is not None:
            self._on_closed(self)

    async def _close_stack(self, stack: Stack) -> None:
        """Close the stack, or abandon it: what hangs there must not hang here."""
        closing = asyncio.get_running_loop().create_task(stack.close())
        done, _ = await asyncio.wait({closing}, timeout=self._settings.close_deadline)
        if not done:
            _abandoned.inc()
            _log.error("close_abandoned", peer=self.peer_id)
            closing.cancel()
            stack.abandon()
        elif closing.exception() is not None:
            _log.error("close_failed", peer=self.peer_id, exc_info=closing.exception())

    def _go(self, state: PeerState) -> None:
        self._state = state
        try:
            self.on_state(state)
        except Exception:
            _faults.inc()
            _log.exception("state_callback_failed", peer=self.peer_id, state=state)


def _outlets(offer: offers.Offer, answer: Answer, wire: Wire, new_fan: FanFactory) -> tuple[RtcOutlet, ...]:
    by_mid = {section.mid: section for section in offer.sections}
    return tuple(
        RtcOutlet(
            mid,
            ssrc=ssrc,
            payload_type=by_mid[mid].payload_type,
            mid_extension=by_mid[mid].mid_extension,
            sink=wire,
            new_fan=new_fan,
        )
        for mid, ssrc in answer.outgoing
    )


def _ignore(_: object) -> None:
    """Until somebody listens."""
