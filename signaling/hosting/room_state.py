"""What is set about a room, apart from who is in it: pure data, stored and sent to other nodes as it is."""

from collections.abc import Mapping

import msgspec


class RoomState(msgspec.Struct, frozen=True, kw_only=True):
    """One room's settings and what its hosts decided. Changed only through `RoomStates`."""

    room_id: str
    # People wait until a host lets them in.
    lobby: bool = False
    # Nobody new comes in, hosts apart.
    locked: bool = False
    # A host ended it: nobody comes in at all.
    ended: bool = False
    # Normalised languages of those who do not say theirs (speaking may be `auto`). None: `auto`, and the browser's.
    speaking_language: str | None = None
    listening_language: str | None = None
    # Whether what is said is kept as a transcript beyond the call.
    keep_transcript: bool = False
    # Minutes of captions that who comes late is shown; 0: none. None: the server's setting.
    caption_minutes: float | None = None
    # Term in the language spoken -> the room's own rendering, by target language; and how people are addressed: both
    # as in `RoomSettings`, which workers get.
    glossary: Mapping[str, Mapping[str, str]] = {}
    formality: str = "default"
    # Hosts and hidden participants not counted. None: no limit.
    max_participants: int | None = None
    # Participants who need not wait, and whom a lock does not keep out: they were let in before.
    admitted: frozenset[str] = frozenset()
    # Participants who may not come back until a host admits them.
    removed: frozenset[str] = frozenset()
    # Epoch milliseconds when the room was made or first changed; 0: nobody has set anything.
    created_at_ms: int = 0
    # Made by REST: it is there without anybody in it, and remembered until it is deleted.
    persistent: bool = False


class RoomSettingsShown(msgspec.Struct, frozen=True, kw_only=True):
    """What of a room's state people in it, or waiting for it, are told."""

    lobby: bool
    locked: bool
    speaking_language: str | None
    listening_language: str | None
    # Whoever speaks may know that it is kept.
    keep_transcript: bool
    max_participants: int | None


def shown(state: RoomState) -> RoomSettingsShown:
    """Give what is no secret: not who was let in or removed."""
    return RoomSettingsShown(
        lobby=state.lobby,
        locked=state.locked,
        speaking_language=state.speaking_language,
        listening_language=state.listening_language,
        keep_transcript=state.keep_transcript,
        max_participants=state.max_participants,
    )
