"""What rooms ask of the workers: their glossary, and how people are addressed."""

from collections.abc import Callable

from pipeline.messages import RoomSettings
from signaling.hosting.lifecycle import Lifecycle, LifecycleEvent
from signaling.hosting.room_state import RoomState
from signaling.hosting.room_states import RoomStates
from signaling.rooms import Rooms


def tell_workers(states: RoomStates, lifecycle: Lifecycle, rooms: Rooms) -> Callable[[], None]:
    """Tell the workers of each room that is open what it asks, when it opens and whenever that changes.

    That it has ended they hear from the media server. Gives what ends the telling.
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

    def end() -> None:
        for each in ends:
            each()

    return end


def _wishes(state: RoomState) -> RoomSettings:
    return RoomSettings(room_id=state.room_id, glossary=state.glossary, formality=state.formality)
