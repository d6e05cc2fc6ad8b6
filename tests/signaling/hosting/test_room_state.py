"""A room's state as data."""

import msgspec

from signaling.hosting.room_state import RoomState, shown


def test_it_travels_as_json() -> None:
    """What is written is read again as it was, sets and glossary included."""
    state = RoomState(
        room_id="demo",
        lobby=True,
        glossary={"node": {"es": "nodo"}},
        admitted=frozenset({"p-1", "p-2"}),
        caption_minutes=2.5,
    )
    assert msgspec.json.decode(msgspec.json.encode(state), type=RoomState) == state


def test_people_are_not_told_of_each_other() -> None:
    """Who was let in or removed is no part of what is shown."""
    state = RoomState(room_id="demo", locked=True, admitted=frozenset({"p-1"}), removed=frozenset({"p-2"}))
    told = msgspec.json.encode(shown(state)).decode()
    assert '"locked":true' in told
    assert "p-1" not in told
    assert "p-2" not in told
