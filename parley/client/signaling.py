"""One participant's socket, opened anew with the resume token when it breaks."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar

import aiohttp
import msgspec

from parley.client.backoff import Backoff, BackoffSettings
from parley.client.errors import (
    ClientError,
    RefusedError,
    RejectedError,
    TokenEndedError,
    TokenError,
    UnreachableError,
)
from parley.client.events import (
    AnyEvent,
    Attached,
    Failed,
    Joined,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    TokenTaken,
    Waiting,
    parse,
)
from parley.client.messages import Join, Leave, Message, SetLanguages, SetOriginal, serialize
from parley.client.socket import Socket, opened
from parley.client.tape import Tape
from parley.client.tokens import TokenSource, fetch

STEADY_S = 5.0
"""A connection that held for so long is made anew at once; what breaks sooner and again is waited for."""

Answering = TypeVar("Answering")


@dataclass(frozen=True)
class SignalingSettings:
    """Times and sizes of one client."""

    # Seconds within which the server has to answer a join or another question.
    answer_s: float = 15.0
    # Messages kept for those who read `events`; the oldest goes first.
    kept_events: int = 1024
    backoff: BackoffSettings = field(default_factory=BackoffSettings)


class Signaling:
    """A place in a room, by its signaling socket. `async with Signaling(url, room, Join(name="Ann", ...)) as place`.

    A connection that breaks is made anew with pauses that grow, as the same participant; `events` then has another
    `Joined`. What the server told meanwhile is not told again, but `joined` and what follows it say what holds.
    """

    kind = "signaling"

    def __init__(
        self,
        url: str,
        room: str,
        who: Join,
        *,
        token: TokenSource = None,
        http: aiohttp.ClientSession | None = None,
        settings: SignalingSettings | None = None,
    ) -> None:
        self._url = url
        self._room = room
        # As it is to be said at the next join.
        self.who = who
        self._token = token
        self._http = http
        self._settings = settings or SignalingSettings()
        self._backoff = Backoff(self._settings.backoff)
        # None while the connection is broken.
        self._socket: Socket | None = None
        self._up = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._leaving = False
        # Whether the next socket is opened with the resume token.
        self._resume_token = ""
        self._returning = False
        self._came_in = False
        self.events: Tape[AnyEvent] = Tape(self._settings.kept_events)
        # Called with each event before it is on the tape, in order; must not block.
        self.watchers: list[Callable[[AnyEvent], None]] = []
        # Takes what is not text, likewise.
        self.take_sound: Callable[[bytes], None] = _pass_over
        # The newest.
        self.joined = Joined(participant_id="", participants=())
        # Everybody in the room, me included, by id.
        self.participants: dict[str, Participant] = {}

    async def __aenter__(self) -> Self:
        """Join. In a room with a lobby it waits for a host, for as long as that takes.

        Raises:
            UnreachableError, RejectedError: no socket could be opened.
            ClosedError: the server closed it, for a token that is none say.
            RefusedError: it does not take the name or a language.
        """
        reading = self.events.read()
        self._running = asyncio.create_task(self._run(), name="client-signaling")
        try:
            async with asyncio.timeout(self._settings.answer_s) as limit:
                async for event in reading:
                    if isinstance(event, Joined | Attached):
                        return self
                    if isinstance(event, Waiting):
                        limit.reschedule(None)
        except TimeoutError:
            await self._end()
            raise UnreachableError(self._url, "the server did not answer the join in time") from None
        except BaseException:
            await self._end()
            raise
        raise UnreachableError(self._url, "the server closed the socket before it answered the join")

    async def __aexit__(self, *exc: object) -> None:
        await self.leave()

    @property
    def participant_id(self) -> str:
        """Who I am in the room."""
        return self.joined.participant_id

    async def send(self, message: Message) -> None:
        """Ask for something; while the connection is broken, wait for the next one.

        Raises:
            UnreachableError: there is none in time.
            ClientError: the call has ended with it.
        """
        self._note(message)
        try:
            async with asyncio.timeout(self._settings.answer_s):
                while not await self._sent(message):
                    await self._up.wait()
        except TimeoutError:
            raise UnreachableError(self._url, "the connection did not come back in time") from None

    async def _sent(self, message: Message) -> bool:
        """Send by the socket there is, if there is one that takes it."""
        if self.events.ended:
            raise self.events.error or UnreachableError(self._url, "the call has ended")
        socket = self._socket
        if socket is None:
            return False
        try:
            await socket.send(serialize(message))
        except UnreachableError:
            if self._socket is socket:
                self._down()
            return False
        return True

    async def ask(self, message: Message, answer: type[Answering]) -> Answering:
        """Ask for something, and wait for the first event of the kind that answers it.

        Raises:
            RefusedError: it was refused.
            UnreachableError: no answer came in time.
            ClientError: the call has ended with it.
        """
        kind = str(message.__struct_config__.tag)
        reading = self.events.read(from_now=True)
        await self.send(message)
        try:
            async with asyncio.timeout(self._settings.answer_s):
                async for event in reading:
                    if isinstance(event, answer) and not getattr(event, "sender", ""):
                        return event
                    if isinstance(event, Failed) and event.in_reply_to == kind:
                        raise RefusedError(event.code, event.message, event.in_reply_to)
        except TimeoutError:
            pass
        raise UnreachableError(self._url, f"no answer to {kind} came in time")

    async def leave(self) -> None:
        """Say goodbye, and end. Idempotent, and bounded."""
        self._leaving = True
        socket = self._socket
        if socket is not None:
            with contextlib.suppress(ClientError):
                await socket.send(serialize(Leave()))
            await socket.close()
        await self._end()

    # Keeping the socket.

    async def _run(self) -> None:
        """Keep a socket open until the call ends; whatever ends it is raised by the tape."""
        failing_since: float | None = None
        while True:
            began = time.monotonic()
            try:
                await self._serve()
            except Exception as error:  # a fault boundary: whoever reads the tape is told, and waits no longer
                now = time.monotonic()
                if self._socket is not None:
                    failing_since = None
                if now - began > STEADY_S:
                    self._backoff.reset()
                self._down()
                failing_since = failing_since or now
                if not self._try_again(error, now - failing_since):
                    self._finish(error)
                    return
            else:
                self._finish(None)
                return
            await asyncio.sleep(self._backoff.pause_s())

    def _try_again(self, error: Exception, failing_s: float) -> bool:
        """Say whether to come back after this. What fails at the very beginning is told at once."""
        if self._leaving or not self._came_in or failing_s > self._settings.backoff.give_up_s:
            return False
        if isinstance(error, TokenError | TokenEndedError):
            # A server that began anew knows nobody, but may take the token of the beginning, or give another; and
            # whoever fetches tokens may have one for another visit.
            was_returning, self._returning = self._returning, False
            self.who = msgspec.structs.replace(self.who, resume=None)
            return was_returning and (isinstance(error, TokenError) or not isinstance(self._token, str))
        if isinstance(error, RefusedError):
            return error.code == "too_many_messages"
        if isinstance(error, RejectedError):
            return error.is_busy
        return isinstance(error, ClientError) and error.may_retry

    async def _serve(self) -> None:
        """Open a socket, join, and take messages until it ends."""
        if self._returning:
            token = self._resume_token
        else:
            token = await fetch(self._token, self._url, self._room, self._http)
        query = self._query()
        async with opened(self._url, self.kind, self._room, token=token, query=query, http=self._http) as socket:
            await self._greet(socket)
            async for message in socket.messages():
                if isinstance(message, bytes):
                    self.take_sound(message)
                else:
                    self._read(message, socket)

    def _read(self, message: str, socket: Socket) -> None:
        event = parse(message)
        if isinstance(event, Failed) and event.in_reply_to == "join":
            raise RefusedError(event.code, event.message, event.in_reply_to)
        self._take(event)
        if isinstance(event, Joined | Waiting | Attached):
            self._socket = socket
            self._came_in = True
            self._up.set()
        for watcher in self.watchers:
            watcher(event)
        self.events.put(event)

    # What differs between kinds of sockets.

    def _query(self) -> Mapping[str, str]:
        """Give what the socket's address says beside the token."""
        return {}

    async def _greet(self, socket: Socket) -> None:
        """Say what has to come first."""
        await socket.send(serialize(self.who))

    def _take(self, event: AnyEvent) -> None:
        match event:
            case Joined():
                self.joined = event
                self._return_by(event.resume_token)
                self.who = msgspec.structs.replace(self.who, resume=event.page_id or None)
                self.participants = {each.participant_id: each for each in event.participants}
            case Waiting() | TokenTaken():
                self._return_by(event.resume_token)
            case ParticipantJoined() | ParticipantUpdated():
                self.participants[event.participant.participant_id] = event.participant
            case ParticipantLeft():
                self.participants.pop(event.participant_id, None)

    def _return_by(self, resume_token: str) -> None:
        self._resume_token = resume_token
        self._returning = bool(resume_token)

    def _note(self, message: Message) -> None:
        """Remember what is to be said at the next join as well."""
        if isinstance(message, SetLanguages):
            self.who = msgspec.structs.replace(
                self.who,
                speaking_language=message.speaking_language or self.who.speaking_language,
                listening_language=message.listening_language or self.who.listening_language,
            )
        elif isinstance(message, SetOriginal):
            self.who = msgspec.structs.replace(self.who, original=message.original)

    def _down(self) -> None:
        self._socket = None
        self._up.clear()

    def _finish(self, error: Exception | None) -> None:
        self._down()
        self.events.end(error)
        self._up.set()  # whoever waits for the next connection is told that there is none

    async def _end(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        self._finish(None)


def _pass_over(_: bytes) -> None:
    """Take no interest in it."""
