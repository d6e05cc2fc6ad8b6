"""Who is shown in a room."""

from collections.abc import Iterable
from typing import Protocol

from media_server.events import ParticipantInfo
from media_server.rights import Rights


class Member(Protocol):
    """What is asked of a participant."""

    @property
    def info(self) -> ParticipantInfo: ...

    @property
    def rights(self) -> Rights: ...


def visible(members: Iterable[Member], *, to: str | None = None) -> tuple[ParticipantInfo, ...]:
    """Give those whom a participant sees, or whom anybody else does: not the hidden, but for oneself."""
    return tuple(
        member.info for member in members if not member.rights.hidden or (to and member.info.participant_id == to)
    )
