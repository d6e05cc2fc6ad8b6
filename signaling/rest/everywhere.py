"""The rooms of all nodes as one list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from signaling.rest.listing import PageQuery
from signaling.rest.room import Room, RoomPage, room_of

if TYPE_CHECKING:
    # Loaded only where there are several nodes.
    from signaling.nodes.roll import Roll

_pages = msgspec.json.Decoder(RoomPage)


async def everywhere(here: RoomPage, query: PageQuery, target: str, roll: "Roll") -> RoomPage:
    """Put this node's page of rooms together with the same page of the others, and with what no node has.

    Args:
        here: this node's own page.
        query: which page it is.
        target: path and query by which the others are asked for theirs.
        roll: where the others are, and what is remembered.

    Raises:
        RedisDownError: nobody knows the rooms that no node has.
    """
    answers = await roll.ask(target)
    pages = {node_id: _read(answer) for node_id, answer in answers.items()}
    found = [here, *(page for page in pages.values() if page is not None)]
    rooms = _by_id(room for page in found for room in page.rooms)
    states = await roll.kept(query.after, query.limit + 1, but=rooms)
    rooms |= {state.room_id: room_of(state, participants=0, waiting=0) for state in states}
    listed = [rooms[room_id] for room_id in sorted(rooms)]
    page = listed[: query.limit]
    is_more = len(listed) > query.limit or any(each.next is not None for each in found)
    silent = sorted(node_id for node_id, read in pages.items() if read is None)
    return RoomPage(page, page[-1].room_id if is_more and page else None, silent)


def _by_id(rooms: Iterable[Room]) -> dict[str, Room]:
    """Give each room once: while one moves, the node counts where its people are."""
    found: dict[str, Room] = {}
    for room in rooms:
        known = found.get(room.room_id)
        if known is None or room.participants > known.participants:
            found[room.room_id] = room
    return found


def _read(answer: bytes | None) -> RoomPage | None:
    """Read another node's page; None if there is none, or it is of another version."""
    try:
        return None if answer is None else _pages.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
