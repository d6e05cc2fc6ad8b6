"""What the door asks of the media server is what the media server, and the tests' fake, have."""

from media_server import participant, paths
from media_server import rooms as media_rooms
from signaling import rooms
from tests.fakes.rooms import FakePaths, FakeRooms


def takes_rooms(given: rooms.Rooms) -> rooms.Rooms:
    """Give what was given: the type checker sees to it that the door could work with it."""
    return given


def takes_kind(given: type[rooms.Rooms]) -> object:
    return given


def takes_participant(given: type[rooms.Participant]) -> object:
    return given


def takes_paths(given: type[rooms.Paths]) -> object:
    return given


def test_the_fake_fits() -> None:
    """A room opens, is found, and is gone when nobody is in it."""
    fake = takes_rooms(FakeRooms())
    assert fake.get("demo") is None
    assert fake.open("demo") is fake.open("demo")


def test_the_real_ones_fit() -> None:
    """Checked by types; here, that the names are there at all."""
    takes_kind(media_rooms.Rooms)
    takes_participant(participant.Participant)
    takes_paths(paths.Paths)
    for wanted, real in ((rooms.Participant, participant.Participant), (rooms.Paths, paths.Paths)):
        names = {name for name in vars(wanted) if not name.startswith("_")} - {"info", "rights"}
        assert [name for name in sorted(names) if not hasattr(real, name)] == []
    assert FakePaths().can("en", "es")
