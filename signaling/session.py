"""One signaling socket and its participant."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import structlog
from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType, web
from prometheus_client import Counter

from media_server.close_reason import CloseReason
from media_server.events import Event
from media_server.peer import OfferError
from pipeline.messages.language import UnknownLanguageError, normalise, normalise_spoken
from signaling.captions.caption import Caption
from signaling.door import REFUSED, STOPPING, Door
from signaling.hosting.guest import WaitingGuest
from signaling.hosting.introduction import Introduction
from signaling.hosting.messages import HostMessage
from signaling.hosting.refusal import WAITS
from signaling.hosting.relay import Relay
from signaling.hosting.requests import fulfil
from signaling.identity.grant import Grant, LanguageNotAllowedError
from signaling.identity.renewal import renewed
from signaling.identity.watch import REVOKED
from signaling.names import BadNameError
from signaling.outbox import Outbox
from signaling.passing_on import pass_on
from signaling.presence import Presence, ReplacedError, arrive
from signaling.protocol import (
    Answer,
    Candidate,
    Close,
    ErrorCode,
    Failed,
    FromClient,
    Join,
    Leave,
    Mute,
    Offer,
    Ping,
    Pong,
    RefusalError,
    Relayed,
    RenewToken,
    SetLanguages,
    SetOriginal,
    SlotOffered,
    modern,
    parse,
    serialize,
    type_of,
)
from signaling.rooms import Participant

ERRORS = Counter("parley_signaling_errors_total", "Messages that were not done", ["code"])

# What makes a room reconsider what everybody hears.
_CHANGES = (Offer, SetLanguages, SetOriginal, Mute)
# A browser says so when its page ends or is left.
_GOODBYES = (WSCloseCode.OK, WSCloseCode.GOING_AWAY)

_log = structlog.get_logger(__name__)


class Session:
    """One socket of a participant, from join to its end. Their presence in the room may go on without it.

    It ends with a goodbye (the client leaves or closes the socket), for bad manners (it does not join in time, sends
    what is no WebSocket message or too much that is refused) or because the server goes away: then the participant has
    left. When the connection breaks, or was too slow, their place is kept for a while; when they join by another socket
    meanwhile, this one is closed and nothing else ends.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        grant: Grant,
        door: Door,
        abort: Callable[[], None],
        browser_languages: Sequence[str] = (),
    ) -> None:
        settings = door.settings
        self._socket = socket
        self._grant = grant
        self._door = door
        # Drops the connection without sending what waits.
        self._abort = abort
        self._outbox = Outbox(settings.outbox_size, self._falls_behind)
        self._limits = door.limits.of(grant.identity)
        self._introduction = Introduction(grant, door, browser_languages)
        # None before `join`.
        self._presence: Presence | None = None
        # None but for who had to wait.
        self._guest: WaitingGuest | None = None
        self._relay = Relay(door, grant)
        # How the socket is closed at the end, and what the room is told; without a reason they may come back.
        self._code, self._why = Close.LEFT, ""
        self._reason: CloseReason | None = None
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Serve the socket until it is closed."""
        writer = asyncio.create_task(self._outbox.send_all(self._send), name="session-writer")
        deadline = asyncio.get_running_loop().call_later(self._door.settings.join_deadline_s, self._joins_late)
        try:
            await self._take_messages()
        finally:
            deadline.cancel()
            writer.cancel()
            # A socket that broke while it was written to has gone: the reader has seen it too.
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writer
            if self._guest is not None:
                self._guest.gone()
            if self._presence is not None:
                await self._presence.detach(self, self._reason)
            self._ended.set()
        await self._close(self._code, self._why)

    async def end(self, code: Close, reason: CloseReason) -> None:
        """Close the socket from outside, and wait until the participant has left."""
        self._reason = reason
        await self._close(code, reason)
        await self._ended.wait()

    def close_soon(self, code: Close, why: str) -> None:
        """Close the socket without waiting for its end, and drop what is not taken in time."""

        async def close_and_abort() -> None:
            await self._close(code, why)
            self._abort()  # what a client that does not read will never take is not kept

        self._door.keep(asyncio.create_task(close_and_abort(), name="session-close"))

    # Taking messages.

    async def _take_messages(self) -> None:
        while True:
            frame = await self._socket.receive()
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                self._reason = self._reason or self._token_ended() or _reason_of(frame)
                return
            try:
                if not await self._take(frame.data):
                    return
            except ReplacedError:
                self._code, self._why = Close.REPLACED, "joined by another page"
                return
            except RefusalError as refusal:
                ERRORS.labels(refusal.code.value).inc()
                if not self._limits.strikes.allows():
                    self._code, self._why = Close.POLICY, "too many refused messages"
                    self._reason = CloseReason.GONE
                    return
                self.tell(Failed(code=refusal.code, message=refusal.message, in_reply_to=refusal.in_reply_to))

    async def _take(self, frame: str | bytes) -> bool:
        """Do what one message asks for; False: it was the last.

        Raises:
            RefusalError: it is not done.
            ReplacedError: another page has the place.
        """
        message = self._read(frame)
        if isinstance(message, Leave):
            self._reason = CloseReason.LEFT
            return False
        await self._do(message)
        return True

    def _read(self, frame: str | bytes) -> FromClient:
        if not self._limits.messages.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "slow down: this message was dropped")
        return parse(frame)

    async def _do(self, message: FromClient) -> None:
        kind = type_of(message)
        try:
            await self._dispatch(modern(message))
        except UnknownLanguageError as error:
            raise RefusalError(ErrorCode.UNKNOWN_LANGUAGE, str(error), kind) from None
        except LanguageNotAllowedError as error:
            raise RefusalError(ErrorCode.LANGUAGE_NOT_ALLOWED, str(error), kind) from None
        except BadNameError as error:
            raise RefusalError(ErrorCode.BAD_NAME, str(error), kind) from None
        except OfferError as error:
            code = ErrorCode.BAD_OFFER if isinstance(message, Offer) else ErrorCode.BAD_CANDIDATE
            raise RefusalError(code, str(error), kind) from None
        except TimeoutError:
            raise RefusalError(ErrorCode.TIMED_OUT, "this took too long here; try again", kind) from None
        except (RefusalError, ReplacedError):
            raise
        except Exception:  # a fault boundary: a message that breaks something costs that message, not the call
            _log.exception("message_failed", type=kind, participant_id=self._grant.participant_id)
            raise RefusalError(ErrorCode.FAILED, "something broke here and was logged; try again", kind) from None

    async def _dispatch(self, message: FromClient) -> None:
        if isinstance(message, Join):
            self._join(message)
            return
        if isinstance(message, Ping):
            self._answer_ping()
            return
        if isinstance(message, RenewToken):
            self._grant, answer = await renewed(message.token, self._grant, self._socket, self._door)
            self.tell(answer)
            return
        participant = self._participant
        if participant is not None:
            await self._do_inside(participant, message)
        elif self._guest is not None:
            self._do_waiting(self._guest, message)
        else:
            raise RefusalError(ErrorCode.JOIN_FIRST, "the first message is `join`: say who you are", type_of(message))

    async def _do_inside(self, participant: Participant, message: FromClient) -> None:
        if isinstance(message, Relayed) and message.to is not None:
            self._relay.send(message, message.to)
            return
        if isinstance(message, HostMessage):
            fulfil(message, self._grant, self._door)
            return
        self._require_pace(message)
        match message:
            case Offer():
                await self._offer(participant, message)
            case Candidate():
                await participant.add_candidate(message.candidate)
            case SetLanguages():
                _set_languages(participant, message, self._grant)
            case Mute():
                self._mute(participant, message)
            case _:
                pass_on(participant, message)

    def _do_waiting(self, guest: WaitingGuest, message: FromClient) -> None:
        """Do what somebody in the lobby may ask for."""
        if not isinstance(message, SetLanguages):
            raise RefusalError(ErrorCode.WAIT, "wait until a host lets you in", type_of(message))
        self._require_pace(message)
        guest.set_languages(self._introduction.change(message, guest.languages))

    def _require_pace(self, message: FromClient) -> None:
        if isinstance(message, _CHANGES) and not self._limits.changes.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "slow down: this changed nothing", type_of(message))

    def _mute(self, participant: Participant, message: Mute) -> None:
        if not message.muted and not participant.rights.publishes:
            raise RefusalError(
                ErrorCode.NOT_ALLOWED, "you are here to listen: your token does not let you speak", "mute"
            )
        participant.set_muted(message.muted)

    def _join(self, join: Join) -> None:
        if self._presence is not None:
            raise RefusalError(ErrorCode.ALREADY_JOINED, "this socket has joined; open another to join again", "join")
        clean = self._introduction.complete(join)
        if not self._door.takes(self._grant):
            self.close_soon(Close.GOING_AWAY, STOPPING)
            return
        if not self._limits.joins.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "you join too often: try again in some seconds", "join")
        refusal = self._door.refusal(self._grant)
        if refusal is WAITS:
            self._guest = self._guest or WaitingGuest(self, self._grant, self._door, self._enter)
            self._guest.wait(clean)
            return
        if self._guest is not None:
            self._guest.gone(admitted=refusal is None)
        if refusal is not None:
            REFUSED.labels(refusal.reason).inc()
            self.close_soon(refusal.code, refusal.why)
        else:
            self._enter(clean)

    def _enter(self, join: Join) -> None:
        """Come into the room; `join` has a clean name and normalised languages."""
        if not self._door.takes(self._grant):
            self.close_soon(Close.GOING_AWAY, STOPPING)
            return
        self._guest = None
        self._presence = arrive(self, self._grant, self._door, join)

    @property
    def grant(self) -> Grant:
        """What they may do, by the newest of the tokens that they showed here."""
        return self._grant

    @property
    def _participant(self) -> Participant | None:
        """Who this socket speaks for; nobody before `join`, or when another socket does."""
        presence = self._presence
        return presence.participant if presence is not None and presence.session is self else None

    def _answer_ping(self) -> None:
        self.tell(Pong())
        if self._presence is not None:
            self._presence.renew_ice_servers()

    async def _offer(self, participant: Participant, offer: Offer) -> None:
        async with asyncio.timeout(self._door.settings.answer_deadline_s):
            sdp = await participant.answer(offer.sdp)
        slots = tuple(SlotOffered(mid=mid, kind=kind) for mid, kind in participant.slots)
        self.tell(Answer(sdp=sdp, slots=slots))

    # Telling the client.

    def tell(self, event: Event) -> None:
        """Queue an event."""
        self._outbox.put(serialize(event))

    def take_caption(self, caption: Caption) -> None:
        """Queue a caption; an interim one may be dropped."""
        self._outbox.put(serialize(caption), droppable=not caption.is_final)

    async def _send(self, message: bytes) -> None:
        await self._socket.send_frame(message, WSMsgType.TEXT)

    # Ending.

    def _token_ended(self) -> CloseReason | None:
        """Say how the participant leaves if the socket is closed because its token ended."""
        watch = self._door.watches.get(self._socket)
        if watch is None or not watch.reason:
            return None
        return CloseReason.REMOVED if watch.reason == REVOKED else CloseReason.GONE

    def _joins_late(self) -> None:
        if self._presence is None and self._guest is None:
            self.close_soon(Close.POLICY, "join in time")

    def _falls_behind(self) -> None:
        self.close_soon(Close.TOO_SLOW, "too slow")

    async def _close(self, code: Close, why: str) -> None:
        await self._socket.close(code=code, message=why.encode(), drain=False)


def _reason_of(end: WSMessage) -> CloseReason | None:
    """Say what a socket's last frame means: a goodbye, bad manners, or (None) that the connection broke."""
    if end.type is WSMsgType.CLOSE:
        return CloseReason.LEFT if end.data in _GOODBYES else None
    if end.type is WSMsgType.ERROR and isinstance(end.data, WebSocketError):
        return CloseReason.GONE
    return None


def _set_languages(participant: Participant, message: SetLanguages, grant: Grant) -> None:
    speaking, listening = message.speaking_language, message.listening_language
    speaking = None if speaking is None else normalise_spoken(speaking)
    listening = None if listening is None else normalise(listening)
    grant.require(*(language for language in (speaking, listening) if language is not None))
    participant.set_languages(speaking=speaking, listening=listening)
