"""A room as the interface tells of it, and what may be said about one."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from signaling.hosting.room_state import RoomState
from signaling.rest.problem import ProblemError
from signaling.rest.reading import fields_of
from signaling.rest.values import Id, Language, language, require_ids

Formality = Literal["default", "more", "less"]

Term = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Glossary = Annotated[
    dict[Term, Annotated[dict[Language, Term], msgspec.Meta(min_length=1, max_length=100)]],
    msgspec.Meta(
        max_length=500, description="Term as it is spoken -> language -> how this room renders it in that language"
    ),
]


class RoomPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which room."""

    room_id: Id


class RoomChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; null takes back what was set."""

    lobby: Annotated[bool, msgspec.Meta(description="People wait until a host lets them in")] | UnsetType = UNSET
    locked: Annotated[bool, msgspec.Meta(description="Nobody new comes in, hosts apart")] | UnsetType = UNSET
    speaking_language: Language | UnsetType | None = UNSET
    listening_language: Language | UnsetType | None = UNSET
    keep_transcript: bool | UnsetType = UNSET
    caption_minutes: (
        Annotated[float, msgspec.Meta(ge=0, le=1440, description="Of captions for who comes late")] | UnsetType | None
    ) = UNSET
    glossary: Glossary | UnsetType = UNSET
    formality: Formality | UnsetType = UNSET
    max_participants: (
        Annotated[int, msgspec.Meta(ge=1, le=100_000, description="Hosts come in anyway")] | UnsetType | None
    ) = UNSET


class NewRoom(RoomChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A room that is there without anybody in it, until it is deleted."""

    # One is made up if it is left out.
    room_id: Id | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.room_id is not UNSET:
            require_ids(self.room_id)


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room: what is set about it, and how many are there."""

    room_id: str
    lobby: bool
    locked: bool
    speaking_language: str | None
    listening_language: str | None
    keep_transcript: bool
    # None: as the server has it.
    caption_minutes: float | None
    glossary: Mapping[str, Mapping[str, str]]
    formality: str
    max_participants: int | None
    # It was made here, and is there until it is deleted.
    persistent: bool
    # Epoch milliseconds; 0: nobody has set anything about it.
    created_at_ms: int
    # How many are in it, and how many wait to be let in.
    participants: int
    waiting: int


class RoomPage(msgspec.Struct, frozen=True):
    """Rooms in the order of their ids."""

    rooms: list[Room]
    # `after` for the next page; null: this is the last.
    next: str | None
    # Nodes that did not answer: some of their rooms are missing, and nobody is counted in the others.
    unreachable: list[str] = []


def room_of(state: RoomState, *, participants: int, waiting: int) -> Room:
    """Give what is told of a room."""
    shared = {name: getattr(state, name) for name in Room.__struct_fields__ if name in RoomState.__struct_fields__}
    return Room(**shared, participants=participants, waiting=waiting)


def changes_of(change: RoomChange) -> dict[str, Any]:
    """Give what is to be different, as `RoomStates.change` takes it, without `lobby` and `locked`.

    Raises:
        ProblemError: 422, a language is registered nowhere, or named twice.
    """
    changes = fields_of(change, [name for name in RoomChange.__struct_fields__ if name not in ("lobby", "locked")])
    if change.speaking_language:
        changes["speaking_language"] = language(change.speaking_language, spoken=True)
    if change.listening_language:
        changes["listening_language"] = language(change.listening_language)
    if change.glossary:
        changes["glossary"] = {term: _renderings(by_language) for term, by_language in change.glossary.items()}
    return changes


def _renderings(by_language: Mapping[str, str]) -> dict[str, str]:
    renderings = {language(tag): rendering for tag, rendering in by_language.items()}
    if len(renderings) < len(by_language):
        raise ProblemError(422, "language_twice", "glossary: two of a term's languages are the same")
    return renderings
