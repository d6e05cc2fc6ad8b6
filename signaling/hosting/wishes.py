"""What rooms ask of the workers: their glossary, and how people are addressed."""

import contextlib
from collections.abc import Iterator

from pipeline.messages import RoomSettings
from signaling.hosting.lifecycle import Lifecycle, LifecycleEvent
from signaling.hosting.room_state import RoomState
from signaling.hosting.room_states import RoomStates
from signaling.rooms import Rooms


@contextlib.contextmanager
def telling_workers(states: RoomStates, lifecycle: Lifecycle, rooms: Rooms) -> Iterator[None]:
    """While the block runs, tell the workers what each open room asks, when it opens and whenever that changes.

    That it has ended they hear from the media server.
    """

    def changed(old: RoomState, new: RoomState) -> None:
        if _wishes(old) != _wishes(new) and rooms.get(new.room_id) is not None:
            rooms.announce(_wishes(new))

    def happened(event: LifecycleEvent) -> None:
        if event.kind == "room_started":
            wishes = _wishes(states.of(event.room_id))
            if wishes != RoomSettings(room_id=event.room_id):
                rooms.announce(wishes)

    ends = (states.watch(changed), lifecycle.watch(happened))

    try:
        yield
    finally:
        for end in ends:
            end()


def _wishes(state: RoomState) -> RoomSettings:
    return RoomSettings(room_id=state.room_id, glossary=state.glossary, formality=state.formality)
