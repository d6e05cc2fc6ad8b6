"""Somebody in the lobby, from the side of their socket."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import structlog

from media_server.events import Event
from signaling.hosting.errors import LobbyFullError
from signaling.hosting.introduction import introduced
from signaling.hosting.languages import Languages
from signaling.hosting.refusal import LOBBY_FULL, Refusal
from signaling.hosting.room_state import shown
from signaling.hosting.waiting import Waiting
from signaling.identity.grant import Grant
from signaling.protocol import Close, Join, Waits

if TYPE_CHECKING:
    from signaling.door import Door
    from signaling.session import Session

_log = structlog.get_logger(__name__)


class WaitingGuest:
    """What they said of themselves is kept in the lobby, and goes into the room with them."""

    def __init__(self, session: "Session", grant: Grant, door: "Door", enter: Callable[[Join], None]) -> None:
        """`enter` takes them into the room."""
        self._session = session
        self._grant = grant
        self._door = door
        self._enter = enter
        # As they asked last to come in. Name and languages are the lobby's.
        self._wish = Join()
        self.languages = Languages("", "")

    def wait(self, join: Join) -> None:
        """Wait, or wait on as somebody else; `join` has a clean name and normalised languages."""
        self._wish = join
        who = introduced(join)
        self._ask(who.name, Languages(who.speaking_language, who.listening_language))

    def set_languages(self, languages: Languages) -> None:
        """Wait on with other languages."""
        self._ask(introduced(self._wish).name, languages)

    def gone(self, *, admitted: bool = False) -> None:
        """Wait no more: the socket is over, or nobody need wait any more. Harmless if they do not wait."""
        if not self._door.lobby.leave(*self._ids, self):
            return
        if admitted:
            self._door.lifecycle.emit("participant_admitted", *self._ids)
        else:
            self._door.lifecycle.emit("participant_gave_up", *self._ids, reason="left")

    # What the lobby asks of a guest.

    def tell(self, event: Event) -> None:
        """See Guest."""
        self._session.tell(event)

    def let_in(self, waiting: Waiting) -> None:
        """See Guest."""
        join = msgspec.structs.replace(
            self._wish,
            name=waiting.name,
            speaking_language=waiting.speaking_language,
            listening_language=waiting.listening_language,
        )
        try:
            self._enter(join)
        except Exception:  # a fault boundary: one who cannot be let in keeps nobody else out
            _log.exception("admission_failed", room_id=self._grant.room_id, participant_id=self._grant.participant_id)
            self._session.close_soon(Close.FAILED, "something broke here: come again")

    def turn_away(self, refusal: Refusal) -> None:
        """See Guest."""
        self._session.close_soon(refusal.code, refusal.why)

    @property
    def _ids(self) -> tuple[str, str]:
        return self._grant.room_id, self._grant.participant_id

    def _ask(self, name: str, languages: Languages) -> None:
        """Say to the lobby who waits, and to them that they do."""
        lobby, (room_id, participant_id) = self._door.lobby, self._ids
        is_new = lobby.place_of(room_id, participant_id) is None
        self.languages = languages
        asked = Waiting(
            participant_id=participant_id,
            name=name,
            speaking_language=languages.speaking,
            listening_language=languages.listening,
            since_ms=0,
        )
        try:
            waiting = lobby.enter(room_id, self, asked)
        except LobbyFullError:
            self.turn_away(LOBBY_FULL)
            return
        if is_new:
            self._door.lifecycle.emit("participant_waiting", room_id, participant_id)
        self._session.tell(
            Waits(
                participant_id=participant_id,
                name=waiting.name,
                speaking_language=waiting.speaking_language,
                listening_language=waiting.listening_language,
                resume_token=self._door.tokens.issue_resume(self._session.grant),
                room=shown(self._door.states.of(room_id)),
            )
        )
