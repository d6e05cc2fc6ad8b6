"""What rooms ask of the workers."""

from pipeline.messages import RoomSettings
from signaling.hosting.lifecycle import Lifecycle
from signaling.hosting.room_states import RoomStates
from signaling.hosting.settings import HostingSettings
from signaling.hosting.wishes import telling_workers
from tests.fakes.rooms import FakeRooms

GLOSSARY = {"hub": {"es": "eje"}}


def house() -> tuple[RoomStates, Lifecycle, FakeRooms]:
    return RoomStates(HostingSettings()), Lifecycle(), FakeRooms()


def test_an_open_rooms_wishes_are_told_when_they_change() -> None:
    """And only then: a lock is not the workers' business."""
    states, lifecycle, rooms = house()
    with telling_workers(states, lifecycle, rooms):
        rooms.open("demo")
        states.change("demo", glossary=GLOSSARY)
        states.change("demo", locked=True)
        states.change("demo", formality="more")
    assert rooms.announced == [
        RoomSettings(room_id="demo", glossary=GLOSSARY),
        RoomSettings(room_id="demo", glossary=GLOSSARY, formality="more"),
    ]
    states.change("demo", formality="less")
    assert len(rooms.announced) == 2


def test_a_room_that_opens_says_what_it_asks() -> None:
    """What was set before, if anything was."""
    states, lifecycle, rooms = house()
    with telling_workers(states, lifecycle, rooms):
        states.change("demo", glossary=GLOSSARY, persistent=True)
        assert not rooms.announced
        lifecycle.emit("room_started", "demo")
        lifecycle.emit("room_started", "other")
    assert rooms.announced == [RoomSettings(room_id="demo", glossary=GLOSSARY)]
