"""A participant, and somebody who waits, as the interface tells of them."""

import msgspec

from media_server.events import ParticipantInfo
from signaling.hosting.waiting import Waiting
from signaling.rest.values import Id


class ParticipantPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which participant of which room."""

    room_id: Id
    participant_id: Id


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a room."""

    participant_id: str
    name: str
    role: str
    # `auto`, or a language.
    speaking_language: str
    listening_language: str
    muted: bool
    # Their connection broke, and they may come back.
    away: bool


class Participants(msgspec.Struct, frozen=True):
    """Who is in a room, hidden participants left out."""

    participants: list[Participant]


class WaitingList(msgspec.Struct, frozen=True):
    """Who waits for a room, those who came first before the others."""

    waiting: list[Waiting]


def participant_of(info: ParticipantInfo) -> Participant:
    """Give what is told of somebody."""
    return Participant(**{name: getattr(info, name) for name in Participant.__struct_fields__})
