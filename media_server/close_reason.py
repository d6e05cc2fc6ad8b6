"""Why something ended: the one list for rooms, participants and what belongs to them."""

from enum import StrEnum


class CloseReason(StrEnum):
    """Travels in `participant_left` and in the log line at the end."""

    # They said so, or their page was closed.
    LEFT = "left"
    # Their socket broke and nobody came back in time, or it was closed for what they sent.
    GONE = "gone"
    # A host removed them: unlike with the others, their voices stop at once.
    REMOVED = "removed"
    # The same participant joined again.
    REPLACED = "replaced"
    # The room ended around them.
    ROOM_CLOSED = "room_closed"
    # The node stops.
    SHUTDOWN = "shutdown"
