"""Which page each participant of a room is, kept over the death of a node."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from signaling.identity.grant import Identity

if TYPE_CHECKING:
    from signaling.door import Door


class DoorPages:
    """The pages of a door's participants, and those that participants had on another node."""

    def __init__(self, door: "Door") -> None:
        self._door = door

    def of(self, room_id: str) -> Mapping[str, str]:
        """Give the page of each participant who is here, and of those who are not back from another node."""
        former = {
            each.participant_id: page for each, page in self._door.former_pages.items() if each.room_id == room_id
        }
        here = {
            each.participant_id: presence.page_id
            for each, presence in self._door.presences.items()
            if each.room_id == room_id
        }
        return {**former, **here}

    def restore(self, room_id: str, pages: Mapping[str, str]) -> None:
        """Hear which they were on another node; none: forget it."""
        former = self._door.former_pages
        for identity in [each for each in former if each.room_id == room_id]:
            del former[identity]
        former.update((Identity(participant_id, room_id), page) for participant_id, page in pages.items())
