"""Who waits to be let in, room by room."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import msgspec
from prometheus_client import Gauge

from media_server.events import Event
from signaling.hosting.errors import LobbyFullError
from signaling.hosting.refusal import REPLACED, Refusal
from signaling.hosting.waiting import Waiting
from signaling.hosting.watchers import Watchers

WAITING = Gauge("parley_lobby_waiting", "People who wait in lobbies")


class Guest(Protocol):
    """The open socket of somebody who waits: a Session."""

    def tell(self, event: Event) -> None:
        """Be told something. Never raises."""

    def let_in(self, waiting: Waiting) -> None:
        """Go into the room, as who they were when they were let in. Never raises."""

    def turn_away(self, refusal: Refusal) -> None:
        """Be closed. Never raises."""


class _Place:
    __slots__ = ("guest", "waiting")

    def __init__(self, waiting: Waiting, guest: Guest) -> None:
        self.waiting = waiting
        self.guest = guest


class Lobby:
    """At most `size` people a room, in the order in which they came; more are refused.

    Somebody waits as long as their socket is open. One that comes again by another socket takes their own place, and
    the earlier socket is closed.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        # By room, and by participant.
        self._places: dict[str, OrderedDict[str, _Place]] = {}
        self._watchers: Watchers[str] = Watchers("lobby")

    def waiting(self, room_id: str) -> list[Waiting]:
        """Give who waits, those who came first before the others."""
        return [place.waiting for place in self._of(room_id).values()]

    def guests(self, room_id: str) -> list[Guest]:
        """Give their sockets, in the same order."""
        return [place.guest for place in self._of(room_id).values()]

    def place_of(self, room_id: str, participant_id: str) -> Waiting | None:
        """Give what is known of one of them; None if they do not wait."""
        place = self._of(room_id).get(participant_id)
        return place.waiting if place else None

    def watch(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call back with a room's id whenever its lobby is another. Gives what ends that."""
        return self._watchers.add(callback)

    def enter(self, room_id: str, guest: Guest, waiting: Waiting) -> Waiting:
        """Let somebody wait, or say something else of themselves. Gives them as they wait.

        Raises:
            LobbyFullError: too many wait.
        """
        places = self._places.setdefault(room_id, OrderedDict())
        place = places.get(waiting.participant_id)
        if place is None:
            if len(places) >= self._size:
                raise LobbyFullError(room_id)
            waiting = msgspec.structs.replace(waiting, since_ms=time.time_ns() // 1_000_000)
            places[waiting.participant_id] = _Place(waiting, guest)
            WAITING.inc()
        else:
            place.waiting = waiting = msgspec.structs.replace(waiting, since_ms=place.waiting.since_ms)
            earlier, place.guest = place.guest, guest
            if earlier is not guest:
                earlier.turn_away(REPLACED)
        self._watchers.tell(room_id)
        return waiting

    def leave(self, room_id: str, participant_id: str, guest: Guest) -> bool:
        """Hear that a socket waits no more. False if another holds that place now, or it has been taken."""
        place = self._of(room_id).get(participant_id)
        if place is None or place.guest is not guest:
            return False
        self.take(room_id, participant_id)
        return True

    def take(self, room_id: str, participant_id: str) -> tuple[Guest, Waiting] | None:
        """Take somebody out of the lobby; None if they do not wait."""
        places = self._of(room_id)
        place = places.pop(participant_id, None)
        if place is None:
            return None
        if not places:
            del self._places[room_id]
        WAITING.dec()
        self._watchers.tell(room_id)
        return place.guest, place.waiting

    def _of(self, room_id: str) -> OrderedDict[str, _Place]:
        return self._places.get(room_id) or OrderedDict()
