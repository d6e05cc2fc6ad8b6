"""Why somebody does not come in, or is put out: a close code, and words for people."""

from typing import NamedTuple

from signaling.protocol import Close


class Refusal(NamedTuple):
    """How a socket is closed, or a request is refused."""

    code: Close
    # One line of plain English, at most 123 bytes (RFC 6455 section 5.5.1).
    why: str
    # For metrics and events.
    reason: str


REMOVED = Refusal(Close.REMOVED, "a host has removed you from this room", "removed")
DENIED = Refusal(Close.DENIED, "a host has not let you in", "denied")
ENDED = Refusal(Close.ROOM_ENDED, "a host has ended this room", "room_ended")
LOCKED = Refusal(Close.ROOM_LOCKED, "this room is locked: nobody new comes in", "locked")
FULL = Refusal(Close.ROOM_FULL, "this room is full", "full")
LOBBY_FULL = Refusal(Close.ROOM_FULL, "too many people wait for this room already", "lobby_full")
NO_SUCH_ROOM = Refusal(Close.NO_SUCH_ROOM, "there is no such room", "no_such_room")
WAITS = Refusal(Close.WAITS, "you are not in this room yet: a host has to let you in first", "waits")
REPLACED = Refusal(Close.REPLACED, "joined by another socket", "replaced")
