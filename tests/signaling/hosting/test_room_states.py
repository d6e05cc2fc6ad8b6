"""The states of rooms: set, watched, and forgotten when nobody is there."""

from dataclasses import replace

import pytest

from signaling.hosting.room_state import RoomState
from signaling.hosting.room_states import RoomStates
from signaling.hosting.settings import HostingSettings

HOUR = 3_600.0


class Wall:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    """Give the clock."""
    return Wall()


@pytest.fixture
def states(wall: Wall) -> RoomStates:
    """Give states as they are by default."""
    return RoomStates(HostingSettings(lobby_by_default=True, max_participants=9, keep_transcripts=True), wall)


def test_a_room_nobody_set_up_has_the_default_state(states: RoomStates) -> None:
    """It comes from the settings, and asking keeps nothing."""
    state = states.of("demo")
    assert (state.lobby, state.max_participants, state.keep_transcript, state.persistent) == (True, 9, True, False)
    assert state.created_at_ms == 0
    assert not states.holds("demo")
    assert RoomStates(replace(HostingSettings(), max_participants=0)).of("demo").max_participants is None


def test_a_change_holds_at_once_and_is_told(states: RoomStates) -> None:
    """Who watches gets what was and what is; a change that changes nothing is none."""
    told: list[tuple[RoomState, RoomState]] = []
    unwatch = states.watch(lambda old, new: told.append((old, new)))
    assert states.change("demo", lobby=True) == states.of("demo")
    assert not told
    changed = states.change("demo", locked=True)
    assert states.of("demo") == changed
    assert changed.created_at_ms > 1_600_000_000_000
    assert [(old.locked, new.locked) for old, new in told] == [(False, True)]
    unwatch()
    states.change("demo", locked=False)
    assert len(told) == 1
    with pytest.raises(TypeError):
        states.change("demo", colour="red")


def test_what_was_set_is_forgotten_an_hour_after_the_last_one_left(states: RoomStates, wall: Wall) -> None:
    """Not before, and not while somebody is there."""
    states.occupied("demo")
    states.change("demo", locked=True)
    wall.now += 5 * HOUR
    assert states.of("demo").locked
    states.vacated("demo")
    wall.now += HOUR - 1
    assert states.of("demo").locked
    states.occupied("demo")
    wall.now += 2
    assert states.of("demo").locked
    states.vacated("demo")
    wall.now += HOUR + 1
    told: list[bool] = []
    states.watch(lambda old, new: told.append(old.locked and not new.locked and not states.holds("demo")))
    assert not states.of("demo").locked
    assert told == [True]


def test_a_room_nobody_came_into_is_forgotten_too(states: RoomStates, wall: Wall) -> None:
    """Its hour begins with the last change."""
    states.change("demo", locked=True)
    wall.now += HOUR / 2
    states.change("demo", lobby=False)
    wall.now += HOUR / 2 + 1
    assert states.holds("demo")
    wall.now += HOUR / 2
    assert not states.holds("demo")


def test_a_room_made_by_rest_stays(states: RoomStates, wall: Wall) -> None:
    """Until it is deleted, whoever comes and goes; it is known from its making on."""
    made = states.change("demo", persistent=True)
    assert made.created_at_ms
    states.occupied("demo")
    states.vacated("demo")
    wall.now += 100 * HOUR
    assert states.known() == [made]
    states.forget("demo")
    assert states.known() == []
    states.forget("demo")


def test_rooms_of_rest_that_are_as_by_default_are_kept(states: RoomStates) -> None:
    """A state that differs in nothing but being persistent is a state."""
    assert states.change("demo", persistent=True).persistent
    assert states.change("demo", lobby=True).persistent
    assert states.holds("demo")


def test_a_state_from_elsewhere_is_taken_over_as_it_is(states: RoomStates) -> None:
    """Its time of making is kept, and it is told like a change."""
    told: list[RoomState] = []
    states.watch(lambda _, new: told.append(new))
    taken = RoomState(room_id="demo", locked=True, created_at_ms=7)
    states.adopt(taken)
    assert states.of("demo") == taken
    assert told == [taken]
    states.adopt(taken)
    assert told == [taken]


def test_there_are_never_more_than_may_be_kept(wall: Wall) -> None:
    """When full, the room that has been empty longest is forgotten; one with people in it never is."""
    states = RoomStates(HostingSettings(states_kept=2), wall)
    for number in range(3):
        states.occupied(f"full{number}")
        states.change(f"full{number}", locked=True)
    for number in range(4):
        wall.now += 1
        states.change(f"empty{number}", locked=True)
    assert [state.room_id for state in states.known()] == ["full0", "full1", "full2", "empty2", "empty3"]
