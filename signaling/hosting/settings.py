"""What can be set about rooms and who rules them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostingSettings:
    """How a room is that nobody has set up, and the bounds of all rooms."""

    # Whether people wait until a host lets them in, in rooms of which nobody has said otherwise.
    lobby_by_default: bool = False
    # Whether only rooms that were made by REST can be entered. Otherwise a room is there once somebody comes in.
    rooms_must_exist: bool = False
    # How many people a room holds of which nobody has said otherwise. Hosts and hidden participants come in anyway.
    # 0: no limit.
    max_participants: int = 1_000
    # Whether transcripts are kept of rooms of which nobody has said otherwise.
    keep_transcripts: bool = False
    # How many may wait in one lobby. More are turned away, to come back later.
    lobby_size: int = 200
    # Seconds for which the state of a room that was not made by REST (lock, who was let in or removed) is remembered
    # after the last one left it.
    state_lifetime_s: float = 3_600.0
    # How many of those states are remembered while nobody is in the rooms, about 1 kB each. When full, the room that
    # has been empty longest is forgotten.
    states_kept: int = 10_000
    # Offers, answers, candidates and hangups that one participant sends to others: sustained, and at once. More are
    # refused. A browser has some 20 candidates within a second.
    relays_per_second: float = 10.0
    relay_burst: int = 60

    def __post_init__(self) -> None:
        if self.max_participants < 0:
            raise ValueError("max_participants must be 0 (no limit) or more")
        if self.lobby_size < 1:
            raise ValueError("lobby_size must be at least 1")
        if self.state_lifetime_s < 0:
            raise ValueError("state_lifetime_s must not be negative")
        if self.states_kept < 1:
            raise ValueError("states_kept must be at least 1")
