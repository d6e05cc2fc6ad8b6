"""A room, as it is told and as it is changed."""

import msgspec
import pytest

from signaling.hosting.room_state import RoomState
from signaling.rest.problem import ProblemError
from signaling.rest.room import NewRoom, Room, RoomChange, changes_of, room_of


def test_a_room_tells_what_is_set() -> None:
    """And how many are there, but not who was let in or removed."""
    state = RoomState(room_id="demo", lobby=True, removed=frozenset({"eve"}), created_at_ms=7)
    room = room_of(state, participants=2, waiting=1)
    assert (room.room_id, room.lobby, room.created_at_ms, room.participants, room.waiting) == ("demo", True, 7, 2, 1)
    assert "eve" not in msgspec.json.encode(room).decode()


def test_only_what_is_said_changes() -> None:
    """Null takes back; languages are normalised, `auto` may be spoken."""
    assert changes_of(RoomChange()) == {}
    change = RoomChange(speaking_language="AUTO", listening_language=None, max_participants=5)
    assert changes_of(change) == {"speaking_language": "auto", "listening_language": None, "max_participants": 5}


def test_a_glossary_is_by_normalised_languages() -> None:
    """As workers look for them."""
    change = RoomChange(glossary={"slot": {"ES-mx": "ranura", "de": "Slot"}})
    assert changes_of(change) == {"glossary": {"slot": {"es-MX": "ranura", "de": "Slot"}}}


@pytest.mark.parametrize(
    "change",
    [
        RoomChange(speaking_language="xx-nowhere"),
        RoomChange(listening_language="auto"),
        RoomChange(glossary={"slot": {"xx-nowhere": "a"}}),
        RoomChange(glossary={"slot": {"en-US": "a", "en-us": "b"}}),
    ],
)
def test_languages_must_be_some(change: RoomChange) -> None:
    """And each of them one."""
    with pytest.raises(ProblemError) as refused:
        changes_of(change)
    assert refused.value.status == 422


def test_every_field_of_a_state_is_told_or_kept_back_on_purpose() -> None:
    """Who adds one decides."""
    kept_back = {"ended", "admitted", "removed"}
    assert set(RoomState.__struct_fields__) - set(Room.__struct_fields__) == kept_back
    settable = set(NewRoom.__struct_fields__) - {"room_id"}
    assert settable == set(RoomState.__struct_fields__) - kept_back - {"room_id", "persistent", "created_at_ms"}
