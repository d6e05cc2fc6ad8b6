"""One audio socket: a participant without WebRTC, or the sound of one who has a signaling socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import WSMsgType, web
from prometheus_client import Counter, Histogram

from media_server.close_reason import CloseReason
from media_server.direct.connection import DirectConnection
from media_server.direct.errors import BadSoundError, TooFarAheadError
from media_server.direct.frame import SoundFrame
from media_server.events import Event, SlotChanged, VoiceSounding
from media_server.peer import OfferError
from signaling.audio import wire
from signaling.audio.hall import AudioHall
from signaling.audio.intake import Intake, PcmIntake, StreamIntake
from signaling.audio.outbox import SoundOutbox
from signaling.audio.pace import Pace
from signaling.audio.query import AudioQuery
from signaling.door import Door
from signaling.identity.grant import Grant
from signaling.presence import Presence
from signaling.protocol import (
    Attached,
    Candidate,
    Close,
    ErrorCode,
    Failed,
    FromClient,
    Join,
    Offer,
    RefusalError,
    RelayedAnswer,
    type_of,
)
from signaling.rooms import Participant
from signaling.session import ERRORS, Session

LATENCY = Histogram(
    "parley_audio_socket_latency_seconds",
    "From the end of a clause's words, as they arrived, to each frame of its voice being written to an audio socket, "
    "less how much of the voice went before",
    buckets=(0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0),
)
FRAMES = Counter("parley_audio_socket_frames_total", "Messages of sound to audio sockets", ["kind"])
SOUND = Counter("parley_audio_socket_received_bytes_total", "Sound from audio sockets, as it came")
REPLACED = Counter("parley_audio_sockets_replaced_total", "Audio sockets whose place was taken by other sound")
FAULTS = Counter("parley_audio_socket_faults_total", "Times one half of an audio socket failed; the other went on")

_log = structlog.get_logger(__name__)


class AudioSession(Session):
    """A Session that joins by itself, as its query says, and whose binary messages are sound.

    Where the participant is there by a signaling socket already, it joins nothing: it only brings their sound.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        grant: Grant,
        door: Door,
        abort: Callable[[], None],
        *,
        query: AudioQuery,
        hall: AudioHall,
        drain: Callable[[], Awaitable[None]],
        browser_languages: Sequence[str] = (),
    ) -> None:
        """`drain` waits until what was written before has left this process."""
        super().__init__(socket, grant, door, abort, browser_languages)
        self._query = query
        self._hall = hall
        self._drain = drain
        self._sound = SoundOutbox(hall.settings.outbox_ms)
        self._intake: Intake | None = None
        self._connection: DirectConnection | None = None
        # Whose sound this is, if they are there by another socket.
        self._host: Presence | None = None
        self._sending: asyncio.Task[None] | None = None
        self._saying_goodbye = False
        # Sound came that cannot be used: no more is taken.
        self._gave_up = False

    async def run(self) -> None:
        """Serve the socket until it is closed."""
        try:
            await super().run()
        finally:
            await self._stop_sound()

    async def end(self, code: Close, reason: CloseReason) -> None:
        """See Session."""
        self._saying_goodbye = True
        await super().end(code, reason)

    def close_soon(self, code: Close, why: str) -> None:
        """See Session. Only the first reason counts."""
        if not self._saying_goodbye:
            self._saying_goodbye = True
            super().close_soon(code, why)

    # Coming in.

    async def _take_messages(self) -> None:
        try:
            if await self._come_in():
                await super()._take_messages()
        finally:
            self._saying_goodbye = True
            if self._intake is not None:
                await self._intake.close()

    async def _come_in(self) -> bool:
        """Join, or be somebody's sound; False if the socket is over."""
        presence = self._door.presences.get(self._grant.identity)
        try:
            if presence is not None and presence.holds and not self._hall.owns(presence):
                self._attach_to(presence)
            else:
                await self._do(self._introduce(presence))
        except RefusalError as refusal:
            ERRORS.labels(refusal.code.value).inc()
            self.tell(Failed(code=refusal.code, message=refusal.message))
            self._code, self._why, self._reason = Close.POLICY, refusal.code.value, CloseReason.GONE
            await asyncio.sleep(0)  # the writer's turn
            return False
        return True

    def _introduce(self, present: Presence | None) -> Join:
        query = self._query
        name = query.name
        if name is None and self._grant.name is None and present is None:
            name = self._grant.participant_id
        return Join(
            name=name,
            speaking_language=query.speaking_language,
            listening_language=query.listening_language,
            original=query.original,
            captions=query.captions,
        )

    def _enter(self, join: Join) -> None:
        """See Session: with the participant in the room, their sound begins."""
        super()._enter(join)
        if self._presence is not None:
            self._hall.claim(self._presence)
            self._begin_sound(self._presence.participant)

    def _attach_to(self, presence: Presence) -> None:
        self._host = presence
        self.tell(Attached(participant_id=self._grant.participant_id))
        self._begin_sound(presence.participant)

    def _begin_sound(self, participant: Participant) -> None:
        """Connect both halves. If the one that receives fails, the one that sends goes on."""
        try:
            connection = self._connect(receives=self._query.receive and self._grant.subscribe)
            participant.use(connection)
        except OfferError:
            self.close_soon(Close.LEFT, "you are not in this room any more")
            return
        except Exception:  # a fault boundary, see the docstring
            FAULTS.inc()
            _log.exception("audio_result_side_failed", participant_id=self._grant.participant_id)
            connection = self._connect(receives=False)
            participant.use(connection)
        self._connection = connection
        if self._sending is None:
            self._sending = asyncio.create_task(self._run_result_side(), name="audio-sound")

    def _connect(self, *, receives: bool) -> DirectConnection:
        connection = DirectConnection(
            decoders=self._hall.decoders,
            on_frame=self._sound.put,
            on_closed=lambda: self._sound_is_over(connection),
            frame_ms=self._query.frame_ms,
            receives=receives,
        )
        return connection

    # Sound from the client.

    async def _take(self, frame: str | bytes) -> bool:
        """See Session; what is binary is sound."""
        if isinstance(frame, str):
            return await super()._take(frame)
        if self._gave_up:
            return True
        SOUND.inc(len(frame))
        intake = self._intake or self._open_intake()
        try:
            await intake.take(frame)
        except BadSoundError as error:
            raise RefusalError(ErrorCode.BAD_SOUND, str(error)) from None
        except TooFarAheadError as error:
            self._give_up(ErrorCode.TOO_FAR_AHEAD, str(error))
        return True

    def _open_intake(self) -> Intake:
        if not (self._query.send and self._grant.publish):
            raise RefusalError(ErrorCode.NOT_ALLOWED, "you are here to listen: no sound is taken from you")
        pace = Pace(self._hall.settings.ahead_s)
        if self._query.format == "pcm":
            self._intake = PcmIntake(self._query, pace, self._hear, buffer_s=self._hall.settings.buffer_s)
        elif self._hall.containers >= self._hall.settings.max_containers:
            self.close_soon(Close.TOO_SLOW, "too many streams are read here: send pcm, or come again later")
            raise RefusalError(ErrorCode.FAILED, "too many streams are read here")
        else:
            self._hall.containers += 1
            bad = ErrorCode.BAD_SOUND
            self._intake = StreamIntake(self._query.format, pace, self._hear, lambda why: self._give_up(bad, why))
        return self._intake

    def _hear(self, pcm: bytes) -> None:
        if self._connection is not None:
            self._connection.hear(pcm)

    def _give_up(self, code: ErrorCode, why: str) -> None:
        """End for sound that cannot be used, now or ever."""
        self._gave_up = True
        ERRORS.labels(code.value).inc()
        self.tell(Failed(code=code, message=why))
        self._reason = CloseReason.GONE
        self._door.keep(asyncio.create_task(self._close_behind(), name="audio-close"))

    async def _close_behind(self) -> None:
        """Close with 1008 when what was told has been sent."""
        await asyncio.sleep(0)
        self.close_soon(Close.POLICY, "this sound cannot be used")

    # Sound to the client.

    async def _send_sound(self) -> None:
        """Send frames as they come, the newest ones if the client does not keep up."""
        while True:
            await self._sound.wait()
            await self._drain()
            frame = self._sound.pop()
            if frame is not None:
                await self._socket.send_frame(wire.serialize(frame, self._language_of(frame)), WSMsgType.BINARY)
                FRAMES.labels(frame.kind).inc()
                if frame.ended_at_ms and frame.sound:
                    LATENCY.observe(max(0.0, time.time() - (frame.ended_at_ms + frame.offset_ms) / 1_000))

    def _language_of(self, frame: SoundFrame) -> str:
        """Give a voice's own language; of a floor, what its speaker is known to speak."""
        if frame.language:
            return frame.language
        room = self._door.rooms.get(self._grant.room_id)
        speaker = None if room is None else room.participants.get(frame.speaker_id)
        return "" if speaker is None else speaker.info.speaking_language

    # Messages.

    def tell(self, event: Event) -> None:
        """Queue an event; m-lines are nothing to this client."""
        if not isinstance(event, SlotChanged | VoiceSounding):
            super().tell(event)

    async def _dispatch(self, message: FromClient) -> None:
        if isinstance(message, Offer | RelayedAnswer | Candidate):
            raise RefusalError(ErrorCode.NOT_HERE, "this is for the signaling socket", type_of(message))
        if isinstance(message, Join) and self._host is not None:
            raise RefusalError(ErrorCode.ALREADY_JOINED, "this socket is the sound of somebody who has", "join")
        await super()._dispatch(message)

    @property
    def _participant(self) -> Participant | None:
        if self._host is not None:
            return self._host.participant if self._host.holds else None
        return super()._participant

    # Ending.

    def _sound_is_over(self, connection: DirectConnection) -> None:
        """Hear that the room has closed a connection: other sound took its place, or the participant has left."""
        if connection is not self._connection:
            return
        presence = self._host or self._presence
        if presence is not None and presence.holds:
            REPLACED.inc()
            self.close_soon(Close.REPLACED, "your sound comes by another connection now")
        elif self._door.health.draining:
            self.close_soon(Close.GOING_AWAY, "this server is going away")
        else:
            self.close_soon(Close.LEFT, "you have left")

    async def _stop_sound(self) -> None:
        connection, self._connection = self._connection, None
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if isinstance(self._intake, StreamIntake):
            self._hall.containers -= 1
        if connection is not None:
            await connection.close()

    async def _run_result_side(self) -> None:
        try:
            await self._send_sound()
        except ConnectionError:
            return  # a socket that broke while it was written to has gone: the reader has seen it too
        except Exception:  # a fault boundary: what the client says is heard all the same
            FAULTS.inc()
            _log.exception("audio_result_side_failed", participant_id=self._grant.participant_id)
