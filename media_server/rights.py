"""What a participant may do in a room, as the door says when it lets them in."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["host", "speaker", "listener"]
"""As the others see it: a host rules the room, a speaker is heard in it, a listener only hears and reads."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Held by a Participant for as long as they are in, unless they come again with others."""

    role: Role = "speaker"
    # Whether they are heard. Otherwise nothing of their microphone is forwarded or analysed, whatever they send.
    publishes: bool = True
    # Whether they hear the others. Otherwise nothing is sent to them, or translated for them.
    subscribes: bool = True
    # Nobody is told of them. Holds from their coming to their leaving.
    hidden: bool = False


ALL_RIGHTS = Rights()
"""A speaker's."""
