"""What cannot be done about a room.

HostingError
├── NoSuchParticipantError   they are not in the room, and do not wait either
├── RoomFullError            nobody more comes in
├── LobbyFullError           nobody more may wait
└── TooManyNamedError        no more people can be kept in mind as admitted or removed
"""


class HostingError(Exception):
    """Says in plain words, as text, what cannot be done; nothing was changed."""

    def __init__(self, room_id: str) -> None:
        super().__init__(room_id)
        self.room_id = room_id

    def __str__(self) -> str:
        return "this cannot be done in this room"


class NoSuchParticipantError(HostingError):
    """Nobody of that id is there."""

    def __init__(self, room_id: str, participant_id: str) -> None:
        super().__init__(room_id)
        self.participant_id = participant_id

    def __str__(self) -> str:
        return "nobody of that id is here"


class RoomFullError(HostingError):
    """The room holds as many as it may."""

    def __str__(self) -> str:
        return "the room is full: somebody has to leave first, or the host raises its limit"


class LobbyFullError(HostingError):
    """The lobby holds as many as it may."""

    def __str__(self) -> str:
        return "too many people wait already: try again in some minutes"


class TooManyNamedError(HostingError):
    """The state of a room names as many people as it may."""

    def __str__(self) -> str:
        return "this room remembers as many people as it can: end it, or begin another"
