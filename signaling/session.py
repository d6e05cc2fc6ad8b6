"""One signaling socket and its participant."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from aiohttp import WSMsgType, web
from prometheus_client import Counter, Gauge

from media_server.close_reason import CloseReason
from media_server.events import Event
from media_server.peer import OfferError
from pipeline.messages.language import UnknownLanguageError, normalise, normalise_spoken
from signaling.captions import Caption, Reader
from signaling.door import Door
from signaling.names import BadNameError, clean_name
from signaling.outbox import Outbox
from signaling.protocol import (
    Answer,
    Candidate,
    Close,
    ErrorCode,
    Failed,
    FromClient,
    Join,
    Joined,
    Leave,
    Mute,
    Offer,
    RefusalError,
    SetLanguages,
    SetOriginal,
    SlotOffered,
    parse,
    serialize,
    type_of,
)
from signaling.rate import Rate
from signaling.rooms import Participant, Room
from signaling.tokens import Grant

SESSIONS = Gauge("parley_sessions", "Participants with an open signaling socket")
ERRORS = Counter("parley_signaling_errors_total", "Messages that were not done", ["code"])

# What makes a room reconsider what everybody hears.
_CHANGES = (Offer, SetLanguages, SetOriginal, Mute)

_log = structlog.get_logger(__name__)


class Session:
    """Takes one participant from join to leave. When the socket is gone, so is the participant.

    What ends it: the client leaves or its socket closes, it does not join in time, it sends too much that is refused,
    it reads too slowly, the same identity joins by another socket, the server goes away, or something here breaks.
    In each case the participant leaves the room, and the socket is closed.
    """

    def __init__(self, socket: web.WebSocketResponse, grant: Grant, door: Door, abort: Callable[[], None]) -> None:
        settings = door.settings
        self._socket = socket
        self._grant = grant
        self._door = door
        # Drops the connection without sending what waits.
        self._abort = abort
        self._outbox = Outbox(settings.outbox_size, self._falls_behind)
        self._rate = Rate(settings.messages_per_second, settings.message_burst)
        self._changes = Rate(settings.changes_per_second, settings.change_burst)
        self._strikes = Rate(settings.strikes_forgiven_per_second, settings.strikes)
        self._participant: Participant | None = None
        self._reading = contextlib.ExitStack()
        # How the socket is closed at the end, and what the room is told.
        self._code, self._why = Close.LEFT, ""
        self._reason = CloseReason.GONE
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
            await self._leave()
            self._ended.set()
        await self._close(self._code, self._why)

    async def end(self, code: Close, reason: CloseReason) -> None:
        """Close the socket from outside, and wait until the participant has left."""
        self._reason = reason
        await self._close(code, reason)
        await self._ended.wait()

    # Taking messages.

    async def _take_messages(self) -> None:
        async for frame in self._socket:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            try:
                message = self._read(frame.data)
                if isinstance(message, Leave):
                    self._reason = CloseReason.LEFT
                    return
                await self._do(message)
            except RefusalError as refusal:
                ERRORS.labels(refusal.code.value).inc()
                if not self._strikes.allows():
                    self._code, self._why = Close.POLICY, "too many refused messages"
                    return
                self._tell(Failed(code=refusal.code, message=refusal.message, in_reply_to=refusal.in_reply_to))

    def _read(self, frame: str | bytes) -> FromClient:
        if not self._rate.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "slow down: this message was dropped")
        return parse(frame)

    async def _do(self, message: FromClient) -> None:
        kind = type_of(message)
        try:
            await self._dispatch(message)
        except UnknownLanguageError as error:
            raise RefusalError(ErrorCode.UNKNOWN_LANGUAGE, str(error), kind) from None
        except BadNameError as error:
            raise RefusalError(ErrorCode.BAD_NAME, str(error), kind) from None
        except OfferError as error:
            code = ErrorCode.BAD_OFFER if isinstance(message, Offer) else ErrorCode.BAD_CANDIDATE
            raise RefusalError(code, str(error), kind) from None
        except TimeoutError:
            raise RefusalError(ErrorCode.TIMED_OUT, "this took too long here; try again", kind) from None
        except RefusalError:
            raise
        except Exception:  # a fault boundary: a message that breaks something costs that message, not the call
            _log.exception("message_failed", type=kind, participant_id=self._grant.participant_id)
            raise RefusalError(ErrorCode.FAILED, "something broke here and was logged; try again", kind) from None

    async def _dispatch(self, message: FromClient) -> None:
        if isinstance(message, Join):
            await self._join(message)
            return
        participant = self._participant
        if participant is None:
            raise RefusalError(ErrorCode.JOIN_FIRST, "the first message is `join`: say who you are", type_of(message))
        if isinstance(message, _CHANGES) and not self._changes.allows():
            raise RefusalError(ErrorCode.TOO_MANY_MESSAGES, "slow down: this changed nothing", type_of(message))
        match message:
            case Offer():
                await self._offer(participant, message)
            case Candidate():
                await participant.add_candidate(message.candidate)
            case SetLanguages():
                _set_languages(participant, message)
            case SetOriginal():
                participant.set_original(message.original)
            case Mute():
                participant.set_muted(message.muted)

    async def _join(self, join: Join) -> None:
        if self._participant is not None:
            raise RefusalError(ErrorCode.ALREADY_JOINED, "this socket has joined; open another to join again", "join")
        name = clean_name(join.name)
        speaking, listening = normalise_spoken(join.speaking_language), normalise(join.listening_language)
        while earlier := self._door.sessions.get(self._grant):
            await earlier.end(Close.REPLACED, CloseReason.REPLACED)
        room = self._door.rooms.open(self._grant.room_id)
        self._participant = room.join(
            participant_id=self._grant.participant_id,
            name=name,
            speaking_language=speaking,
            listening_language=listening,
            original=join.original,
            events=self._tell,
        )
        self._door.sessions[self._grant] = self
        SESSIONS.inc()
        _log.info("participant_joined", room_id=self._grant.room_id, participant_id=self._grant.participant_id)
        self._welcome(room)
        if join.captions:
            reading = self._door.feed.reading(self._grant.room_id, self._reader, self._take_caption)
            self._reading.enter_context(reading)

    def _welcome(self, room: Room) -> None:
        joined = Joined(
            participant_id=self._grant.participant_id,
            participants=tuple(other.info for other in room.participants.values()),
            ice_servers=self._door.settings.ice_servers,
            resume_token=self._door.tokens.issue_resume(self._grant),
        )
        self._tell(joined)

    async def _offer(self, participant: Participant, offer: Offer) -> None:
        async with asyncio.timeout(self._door.settings.answer_deadline_s):
            sdp = await participant.answer(offer.sdp)
        slots = tuple(SlotOffered(mid=mid, kind=kind) for mid, kind in participant.slots)
        self._tell(Answer(sdp=sdp, slots=slots))

    # Telling the client.

    def _tell(self, event: Event) -> None:
        self._outbox.put(serialize(event))

    def _take_caption(self, caption: Caption) -> None:
        self._outbox.put(serialize(caption), droppable=not caption.is_final)

    def _reader(self) -> Reader:
        language = self._participant.info.listening_language if self._participant else None
        return Reader(self._grant.participant_id, language)

    async def _send(self, message: bytes) -> None:
        await self._socket.send_frame(message, WSMsgType.TEXT)

    # Ending.

    def _joins_late(self) -> None:
        if self._participant is None:
            self._close_soon(Close.POLICY, "join in time")

    def _falls_behind(self) -> None:
        self._close_soon(Close.TOO_SLOW, "too slow")

    def _close_soon(self, code: Close, why: str) -> None:
        async def close_and_abort() -> None:
            await self._close(code, why)
            self._abort()  # what a client that does not read will never take is not kept

        task = asyncio.create_task(close_and_abort(), name="session-close")
        self._door.tasks.add(task)
        task.add_done_callback(self._door.tasks.discard)

    async def _close(self, code: Close, why: str) -> None:
        await self._socket.close(code=code, message=why.encode(), drain=False)

    async def _leave(self) -> None:
        self._reading.close()
        participant = self._participant
        if participant is None:
            return
        if self._door.sessions.get(self._grant) is self:
            del self._door.sessions[self._grant]
        SESSIONS.dec()
        try:
            await participant.leave(self._reason)
        except Exception:  # a fault boundary: whatever breaks there, this socket's end is reported
            _log.exception("leave_failed", participant_id=self._grant.participant_id)
        _log.info("participant_left", participant_id=self._grant.participant_id, reason=self._reason)


def _set_languages(participant: Participant, message: SetLanguages) -> None:
    speaking, listening = message.speaking_language, message.listening_language
    participant.set_languages(
        speaking=None if speaking is None else normalise_spoken(speaking),
        listening=None if listening is None else normalise(listening),
    )
