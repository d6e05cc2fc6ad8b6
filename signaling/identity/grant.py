"""What a verified token says: who somebody is, and what they may do in one room."""

from typing import Literal, NamedTuple

import msgspec

Role = Literal["host", "speaker", "listener"]
"""A host rules the room, a speaker is heard in it, a listener only hears and reads."""


class Identity(NamedTuple):
    """One person in one room, whichever token they show and by whichever socket they come."""

    participant_id: str
    room_id: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A person's rights in a room, as their token gives them."""

    identity: Identity
    role: Role = "speaker"
    # Whether they may be heard; whether they may hear and read.
    publish: bool = True
    subscribe: bool = True
    # Present, but shown to nobody: they hear and read, and are not heard.
    hidden: bool = False
    # Normalised languages they may speak and listen to; None: all.
    languages: frozenset[str] | None = None
    # What the others call them; None: what they say themselves when they join.
    name: str | None = None
    # They come in without waiting in the lobby.
    admitted: bool = False
    # Epoch seconds at which it ends, also in mid-call; None: never, which no token says.
    expires_at: float | None = None
    # Of the token (`jti`), by which it can be revoked.
    token_id: str = ""

    @property
    def participant_id(self) -> str:
        """Who they are in the room."""
        return self.identity.participant_id

    @property
    def room_id(self) -> str:
        """The one room."""
        return self.identity.room_id

    @property
    def is_host(self) -> bool:
        """Whether they rule the room."""
        return self.role == "host"
