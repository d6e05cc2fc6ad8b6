"""Lists of several nodes as one."""

from collections.abc import Collection

import msgspec

from signaling.hosting.room_state import RoomState
from signaling.rest.everywhere import everywhere
from signaling.rest.listing import PageQuery
from signaling.rest.room import RoomPage, room_of


def page(*ids: str, people: int = 0, following: str | None = None) -> RoomPage:
    return RoomPage([room_of(RoomState(room_id=each), participants=people, waiting=0) for each in ids], following)


class FakeRoll:
    """Answers as given."""

    def __init__(self, *kept: str, **answers: bytes | None) -> None:
        self._kept = kept
        self._answers = answers

    async def ask(self, target: str) -> dict[str, bytes | None]:
        return self._answers

    async def kept(self, after: str, limit: int, *, but: Collection[str] = ()) -> list[RoomState]:
        return [RoomState(room_id=each) for each in sorted(self._kept) if each > after and each not in but][:limit]


async def listed(here: RoomPage, roll: FakeRoll, **query: object) -> RoomPage:
    return await everywhere(here, msgspec.convert(query, PageQuery), "/api/v1/rooms", roll)  # type: ignore[arg-type]


async def test_a_room_that_moves_is_listed_once() -> None:
    """Where its people are."""
    answer = msgspec.json.encode(page("a", "b", people=3))
    found = await listed(page("a"), FakeRoll("a", "c", other=answer))
    assert [(room.room_id, room.participants) for room in found.rooms] == [("a", 3), ("b", 3), ("c", 0)]
    assert found.next is None


async def test_there_is_more_where_any_node_has_more() -> None:
    """Though what came so far fits on the page."""
    answer = msgspec.json.encode(page("a", following="a"))
    found = await listed(page(), FakeRoll(other=answer), limit=1)
    assert ([room.room_id for room in found.rooms], found.next) == (["a"], "a")


async def test_an_answer_of_another_version_is_no_answer() -> None:
    """The node is named."""
    found = await listed(page("a"), FakeRoll(old=b'{"rooms": 1}', gone=None))
    assert ([room.room_id for room in found.rooms], found.unreachable) == (["a"], ["gone", "old"])
