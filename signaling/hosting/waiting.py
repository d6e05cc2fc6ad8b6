"""Somebody in a lobby, as hosts see them."""

import msgspec


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What they said of themselves goes with them into the room."""

    participant_id: str
    name: str
    # Normalised; speaking may be `auto`.
    speaking_language: str
    listening_language: str
    # Epoch milliseconds when they came, with a socket that broke since or this one.
    since_ms: int
