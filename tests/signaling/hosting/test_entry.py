"""Who comes in: every rule, and which of two wins."""

from typing import Any

import pytest

from media_server.rights import Rights
from signaling.hosting.entry import Occupancy, is_full, may_enter, people_in, rights_of
from signaling.hosting.refusal import ENDED, FULL, LOCKED, NO_SUCH_ROOM, REMOVED, WAITS, Refusal
from signaling.hosting.room_state import RoomState
from signaling.identity.grant import Grant, Identity

ADA = Identity("ada", "demo")
KNOWN = frozenset({"ada"})
HOST = {"role": "host"}
HERE = Occupancy(present=True)
CROWD = Occupancy(people=9)

RULES: list[tuple[dict[str, Any], dict[str, Any], Occupancy, Refusal | None]] = [
    # Nothing is set.
    ({}, {}, Occupancy(), None),
    ({"role": "listener"}, {}, Occupancy(), None),
    # Ended, for everybody.
    (HOST, {"ended": True}, HERE, ENDED),
    ({"admitted": True, "hidden": True}, {"ended": True}, Occupancy(), ENDED),
    # Removed, for everybody.
    (HOST, {"removed": KNOWN}, Occupancy(), REMOVED),
    ({}, {"removed": KNOWN}, HERE, REMOVED),
    # Hosts come in, and who is here comes back.
    (HOST, {"lobby": True, "locked": True, "max_participants": 9}, CROWD, None),
    ({}, {"lobby": True, "locked": True, "max_participants": 9}, Occupancy(present=True, people=9), None),
    # Locked, but for those who were let in before.
    ({}, {"locked": True}, Occupancy(), LOCKED),
    ({}, {"locked": True, "lobby": True}, Occupancy(), LOCKED),
    ({"admitted": True}, {"locked": True}, Occupancy(), LOCKED),
    ({"hidden": True}, {"locked": True}, Occupancy(), LOCKED),
    ({}, {"locked": True, "admitted": KNOWN}, Occupancy(), None),
    # The lobby, but for those whom it does not concern.
    ({}, {"lobby": True}, Occupancy(), WAITS),
    ({}, {"lobby": True, "max_participants": 9}, CROWD, WAITS),
    ({"admitted": True}, {"lobby": True}, Occupancy(), None),
    ({"hidden": True}, {"lobby": True}, Occupancy(), None),
    ({}, {"lobby": True, "admitted": KNOWN}, Occupancy(), None),
    # Full, but for hidden participants.
    ({}, {"max_participants": 9}, CROWD, FULL),
    ({}, {"max_participants": 10}, CROWD, None),
    ({"admitted": True}, {"lobby": True, "max_participants": 9}, CROWD, FULL),
    ({"hidden": True}, {"max_participants": 9}, CROWD, None),
]


@pytest.mark.parametrize(("grant", "state", "occupancy", "expected"), RULES)
def test_the_rules(
    grant: dict[str, Any], state: dict[str, Any], occupancy: Occupancy, expected: Refusal | None
) -> None:
    """One line a rule."""
    assert may_enter(Grant(identity=ADA, **grant), RoomState(room_id="demo", **state), occupancy) is expected


def test_rooms_may_have_to_be_made_first() -> None:
    """Then one that nobody made by REST is none, for hosts either."""
    host = Grant(identity=ADA, role="host")
    assert may_enter(host, RoomState(room_id="demo", locked=True), must_exist=True) is NO_SUCH_ROOM
    assert may_enter(host, RoomState(room_id="demo", persistent=True), must_exist=True) is None


@pytest.mark.parametrize(
    ("grant", "rights"),
    [
        ({}, Rights()),
        ({"role": "host"}, Rights(role="host")),
        ({"role": "host", "publish": False}, Rights(role="host", publishes=False)),
        ({"role": "listener"}, Rights(role="listener", publishes=False)),
        ({"hidden": True}, Rights(publishes=False, hidden=True)),
        ({"subscribe": False}, Rights(subscribes=False)),
    ],
)
def test_what_a_grant_lets_one_do(grant: dict[str, Any], rights: Rights) -> None:
    """Listeners and hidden participants are not heard, whatever else their token says."""
    assert rights_of(Grant(identity=ADA, **grant)) == rights


class Member:
    """Somebody in a room."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights


def test_who_counts() -> None:
    """Speakers and listeners take up places; hosts and hidden participants do not."""
    rights = [Rights(), Rights(role="listener"), Rights(role="host"), Rights(role="listener", hidden=True)]
    assert people_in({str(number): Member(each) for number, each in enumerate(rights)}) == 2
    assert is_full(RoomState(room_id="demo", max_participants=2), 2)
    assert not is_full(RoomState(room_id="demo", max_participants=3), 2)
    assert not is_full(RoomState(room_id="demo"), 1_000_000)
