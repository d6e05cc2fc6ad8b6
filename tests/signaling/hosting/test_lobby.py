"""Who waits."""

import pytest

from media_server.events import Event
from signaling.hosting.errors import LobbyFullError
from signaling.hosting.lobby import Lobby
from signaling.hosting.refusal import REPLACED, Refusal
from signaling.hosting.waiting import Waiting


class FakeGuest:
    """A socket that remembers what becomes of it."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)

    def let_in(self, waiting: Waiting) -> None:
        self.told.append(waiting)

    def turn_away(self, refusal: Refusal) -> None:
        self.told.append(refusal)


def asks(name: str, listening: str = "es") -> Waiting:
    return Waiting(
        participant_id=name, name=name.title(), speaking_language="en", listening_language=listening, since_ms=0
    )


def ids(lobby: Lobby, room_id: str = "demo") -> list[str]:
    return [waiting.participant_id for waiting in lobby.waiting(room_id)]


def test_people_wait_in_the_order_in_which_they_came() -> None:
    """Each in their own room, with the time since when."""
    lobby = Lobby(9)
    for name in ("zoe", "ada"):
        assert lobby.enter("demo", FakeGuest(), asks(name)).since_ms > 1_600_000_000_000
    lobby.enter("other", FakeGuest(), asks("bea"))
    assert ids(lobby) == ["zoe", "ada"]
    assert ids(lobby, "other") == ["bea"]
    assert ids(lobby, "empty") == []
    assert len(lobby.guests("demo")) == 2


def test_who_says_something_else_of_themselves_keeps_their_place() -> None:
    """Name and languages change, time and place do not."""
    lobby = Lobby(9)
    guest = FakeGuest()
    since = lobby.enter("demo", guest, asks("ada")).since_ms
    lobby.enter("demo", FakeGuest(), asks("bea"))
    lobby.enter("demo", guest, asks("ada", "fr"))
    assert ids(lobby) == ["ada", "bea"]
    place = lobby.place_of("demo", "ada")
    assert place is not None
    assert (place.listening_language, place.since_ms) == ("fr", since)
    assert not guest.told


def test_a_newer_socket_takes_the_place() -> None:
    """The earlier one is closed, and its end is not the end of the waiting."""
    lobby = Lobby(9)
    earlier, later = FakeGuest(), FakeGuest()
    lobby.enter("demo", earlier, asks("ada"))
    lobby.enter("demo", later, asks("ada"))
    assert earlier.told == [REPLACED]
    assert not lobby.leave("demo", "ada", earlier)
    assert ids(lobby) == ["ada"]
    assert lobby.leave("demo", "ada", later)
    assert ids(lobby) == []
    assert not lobby.leave("demo", "ada", later)


def test_a_lobby_has_a_size() -> None:
    """One more is refused; who waits already may still change, and a place that becomes free is taken."""
    lobby = Lobby(1)
    guest = FakeGuest()
    lobby.enter("demo", guest, asks("ada"))
    with pytest.raises(LobbyFullError):
        lobby.enter("demo", FakeGuest(), asks("bea"))
    lobby.enter("demo", guest, asks("ada", "fr"))
    lobby.enter("other", FakeGuest(), asks("bea"))
    lobby.leave("demo", "ada", guest)
    lobby.enter("demo", FakeGuest(), asks("bea"))


def test_who_is_taken_out_waits_no_more() -> None:
    """With the socket and what they said of themselves; nobody is taken out twice."""
    lobby = Lobby(9)
    guest = FakeGuest()
    waiting = lobby.enter("demo", guest, asks("ada"))
    assert lobby.take("demo", "ada") == (guest, waiting)
    assert lobby.take("demo", "ada") is None
    assert lobby.place_of("demo", "ada") is None


def test_every_change_is_told() -> None:
    """By the room's id; nothing is told of what changed nothing."""
    lobby = Lobby(9)
    changed: list[str] = []
    unwatch = lobby.watch(changed.append)
    guest = FakeGuest()
    lobby.enter("demo", guest, asks("ada"))
    lobby.enter("demo", guest, asks("ada", "fr"))
    lobby.take("demo", "nobody")
    lobby.leave("demo", "ada", guest)
    unwatch()
    lobby.enter("demo", guest, asks("ada"))
    assert changed == ["demo"] * 3
