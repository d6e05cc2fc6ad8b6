"""One participant's presence in a room, across the sockets that speak for them one after the other."""

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter, Gauge

from media_server.close_reason import CloseReason
from media_server.events import Event, ParticipantUpdated
from signaling.captions.caption import Caption, Reader
from signaling.hosting.entry import rights_of
from signaling.hosting.introduction import introduced
from signaling.hosting.people import visible
from signaling.hosting.refusal import REPLACED, Refusal
from signaling.hosting.room_state import shown
from signaling.identity.grant import Grant
from signaling.protocol import Close, IceServersRenewed, Join, Joined, LobbyChanged
from signaling.rooms import Participant
from signaling.turn import IceServers

if TYPE_CHECKING:
    from signaling.door import Door
    from signaling.session import Session

SESSIONS = Gauge("parley_sessions", "Participants with an open signaling socket")
AWAY = Gauge("parley_participants_away", "Participants whose socket broke and who may come back")
RETURNS = Counter("parley_returns_total", "Times a participant came again while in the room", ["page"])
EXPIRED = Counter("parley_returns_expired_total", "Participants who did not come back in time")

_log = structlog.get_logger(__name__)


class ReplacedError(Exception):
    """Another page has joined as this participant since; the one that comes back has lost the place."""


def arrive(session: "Session", grant: Grant, door: "Door", join: Join) -> "Presence":
    """Let somebody in by a session; `join` has a clean name and normalised languages.

    Whoever is in the room, with an open socket or without, stays the participant they are: only the session is another.

    Raises:
        ReplacedError: a page wants its place back that another has taken.
    """
    presence = door.presences.get(grant.identity)
    if presence is not None and not presence.holds:
        presence.forget()
        presence = None
    if presence is None:
        former = door.former_pages.get(grant.identity)
        if former is not None and join.resume not in (None, former):
            raise ReplacedError
        presence = Presence(session, grant, door, join)
        door.former_pages.pop(grant.identity, None)
        return presence
    presence.come_back(session, join, grant)
    return presence


class Presence:
    """A participant, the session that speaks for them now, and the grace time when there is none.

    What the room tells them goes to that session; while there is none it is dropped, and whoever comes back is told
    what holds then. Captions are remembered all the while, since this keeps reading them.
    """

    def __init__(self, session: "Session", grant: Grant, door: "Door", join: Join) -> None:
        """Join the room."""
        self.grant = grant
        # None while the socket is broken.
        self.session: Session | None = None
        self._door = door
        # The page that is this participant, whatever sockets it opens: it gets its place back, and others take it.
        self._page_id = _new_page_id()
        self._grace: asyncio.TimerHandle | None = None
        self._ice_servers = IceServers(door.settings, grant.participant_id)
        self._reading = contextlib.ExitStack()
        self._reads = False
        who = introduced(join)
        self.participant: Participant = door.rooms.open(grant.room_id).join(
            participant_id=grant.participant_id,
            name=who.name,
            speaking_language=who.speaking_language,
            listening_language=who.listening_language,
            original=join.original,
            events=self.tell,
            rights=rights_of(grant),
        )
        self.participant.set_own_voice(join.own_voice)
        door.presences[grant.identity] = self
        door.lifecycle.joined(grant.room_id, grant.participant_id, hidden=grant.hidden)
        self._attach(session)
        self._read(join.captions)

    @property
    def page_id(self) -> str:
        """Which page is this participant: another one each time that one takes over."""
        return self._page_id

    @property
    def holds(self) -> bool:
        """Whether the participant is still in the room, which may have let them go by itself."""
        room = self._door.rooms.get(self.grant.room_id)
        return room is not None and room.participants.get(self.grant.participant_id) is self.participant

    def tell(self, event: Event) -> None:
        """Tell the page something, if there is one."""
        if self.session is not None:
            self.session.tell(event)
        if isinstance(event, ParticipantUpdated) and event.participant.participant_id == self.grant.participant_id:
            self._door.feed.refresh(self.grant.room_id)  # they may read another language now

    def come_back(self, session: "Session", join: Join, grant: Grant) -> None:
        """Go on by another socket: of the same page if `join` names it in `resume`, else of a page that takes over.

        `grant` is what the token says by which it comes: it may last longer, or less long, than the one before.

        Raises:
            ReplacedError: `join` names a page that has been replaced.
        """
        is_same_page = join.resume == self._page_id
        if join.resume is not None and not is_same_page:
            raise ReplacedError
        self._lose_session()
        self.grant = grant
        if not is_same_page:
            self._page_id = _new_page_id()
        # What this tells them does not reach them yet: `joined` comes first, and has it all.
        who = introduced(join)
        self.participant.rejoin(
            name=who.name,
            speaking_language=who.speaking_language,
            listening_language=who.listening_language,
            original=join.original,
            keep_connection=is_same_page,
            rights=rights_of(grant),
        )
        self.participant.set_own_voice(join.own_voice)
        RETURNS.labels("same" if is_same_page else "other").inc()
        _log.info("participant_back", **self._ids, same_page=is_same_page)
        self._attach(session)
        for event in self.participant.catch_up():
            self.tell(event)
        self._read(join.captions)

    def renew_ice_servers(self) -> None:
        """Give the page TURN credentials anew, if those it has will soon be worth nothing."""
        if self._ice_servers.are_stale():
            self.tell(IceServersRenewed(ice_servers=self._ice_servers.give()))

    async def detach(self, session: "Session", reason: CloseReason | None) -> None:
        """Hear that a session is over. Without a reason its page may come back; another has come already, perhaps."""
        if self.session is not session:
            return
        self.session = None
        SESSIONS.dec()
        if reason is None and self._door.settings.grace_s > 0 and self.holds:
            self._begin_grace()
        else:
            await self.leave(reason or CloseReason.GONE)

    async def end(self, code: Close, reason: CloseReason) -> None:
        """Close the socket, if there is one, and wait until the participant has left."""
        if self.session is not None:
            await self.session.end(code, reason)
        else:
            await self.leave(reason)

    async def leave(self, reason: CloseReason) -> None:
        """Leave the room. Never raises."""
        self.forget(reason)
        try:
            await self.participant.leave(reason)
        except Exception:  # a fault boundary: whatever breaks there, the session's end is reported
            _log.exception("leave_failed", **self._ids)

    def dismiss(self, refusal: Refusal, reason: CloseReason) -> None:
        """Put them out, at once: nobody hears them any more, and their socket is closed in its own time."""
        self._lose_session(refusal)
        self.forget(reason)
        self._door.keep(asyncio.create_task(self.leave(reason), name="presence-dismissed"))

    def forget(self, reason: CloseReason = CloseReason.GONE) -> None:
        """Let go of everything, with the participant's connection still to be closed by `leave`. Idempotent."""
        self._lose_session()
        self._reading.close()
        if self._door.presences.get(self.grant.identity) is self:
            del self._door.presences[self.grant.identity]
            self._end(reason)

    def _end(self, reason: CloseReason) -> None:
        try:
            self.participant.end(reason)
        except Exception:  # a fault boundary, as in `leave`
            _log.exception("leave_failed", **self._ids)
        self._door.lifecycle.left(self.grant.room_id, self.grant.participant_id, reason)

    @property
    def _ids(self) -> dict[str, str]:
        return {"room_id": self.grant.room_id, "participant_id": self.grant.participant_id}

    def _lose_session(self, refusal: Refusal = REPLACED) -> None:
        """Part with the session, if any, or with the waiting for one."""
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
            AWAY.dec()
        session, self.session = self.session, None
        if session is not None:
            SESSIONS.dec()
            session.close_soon(refusal.code, refusal.why)

    def _begin_grace(self) -> None:
        _log.info("participant_away", **self._ids)
        AWAY.inc()
        self._grace = asyncio.get_running_loop().call_later(self._door.settings.grace_s, self._expire)
        self.participant.set_away()

    def _expire(self) -> None:
        EXPIRED.inc()
        self._door.keep(asyncio.create_task(self.leave(CloseReason.GONE), name="presence-expires"))

    # Telling a page that has come.

    def _attach(self, session: "Session") -> None:
        """Tell the session first of all that its page is in."""
        self.session = session
        SESSIONS.inc()
        room = self._door.rooms.open(self.grant.room_id)
        joined = Joined(
            participant_id=self.grant.participant_id,
            participants=visible(room.participants.values(), to=self.grant.participant_id),
            ice_servers=self._ice_servers.give(),
            relay_only=self._door.settings.relay_only,
            resume_token=self._door.tokens.issue_resume(self.grant),
            page_id=self._page_id,
            connected=self.participant.connected,
            room=shown(self._door.states.of(self.grant.room_id)),
        )
        self.tell(joined)
        if self.grant.is_host:
            self.tell(LobbyChanged(waiting=tuple(self._door.lobby.waiting(self.grant.room_id))))

    def _read(self, captions: bool) -> None:
        """Begin with the last captions, or begin anew; nobody reads who may not."""
        feed = self._door.feed
        captions = captions and self.grant.subscribe
        if not captions:
            self._reading.close()
        elif self._reads:
            for caption in feed.replay(self.grant.room_id, self._reader(), is_back=True):
                self._take_caption(caption)
        else:
            self._reading.enter_context(feed.reading(self.grant.room_id, self._reader, self._take_caption))
        self._reads = captions

    def _reader(self) -> Reader:
        return Reader(self.grant.participant_id, self.participant.info.listening_language)

    def _take_caption(self, caption: Caption) -> None:
        if self.session is not None:
            self.session.take_caption(caption)


def _new_page_id() -> str:
    return secrets.token_hex(8)
