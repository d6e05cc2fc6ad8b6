"""What the door needs of the media server. `media_server.rooms` has it; tests have a fake."""

from collections.abc import Collection, Mapping
from typing import Literal, Protocol

from media_server.events import Event, EventSink, Original, ParticipantInfo
from media_server.peer import IceCandidate


class Paths(Protocol):
    """Which languages can be heard, translated and spoken now."""

    @property
    def recognisable(self) -> frozenset[str]: ...

    def can(self, source: str, target: str) -> bool:
        """Whether speech in one language can be heard in the other."""
        ...

    def targets(self) -> Collection[str]:
        """Give the languages that something can be translated into and spoken in."""
        ...


class Participant(Protocol):
    """One person in a room."""

    @property
    def info(self) -> ParticipantInfo: ...

    @property
    def slots(self) -> list[tuple[str, Literal["floor", "voice"]]]:
        """Give (mid, kind) of each slot in m-line order; empty before `answer`."""
        ...

    @property
    def connected(self) -> bool:
        """Whether their browser's connection is up, or coming up."""
        ...

    async def answer(self, offer: str) -> str:
        """Answer an SDP offer.

        Raises:
            OfferError: it cannot be used; the message says why.
        """
        ...

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        """Take a trickled candidate; None ends them.

        Raises:
            OfferError: not a candidate.
        """

    def set_languages(self, *, speaking: str | None = None, listening: str | None = None) -> None: ...

    def set_original(self, original: Original) -> None: ...

    def set_muted(self, muted: bool) -> None: ...

    def set_away(self) -> None:
        """Note that their page is not reached for now."""

    def rejoin(
        self,
        *,
        name: str,
        speaking_language: str,
        listening_language: str,
        original: Original,
        keep_connection: bool,
    ) -> None:
        """Come back as whoever they are now; `keep_connection`: by the same page."""

    def catch_up(self) -> Collection[Event]:
        """Give what a page that has just come must be told of what was told before."""
        ...

    async def leave(self, reason: str = "left") -> None:
        """Take leave of the room. Idempotent."""


class Room(Protocol):
    """A named place; ends when empty."""

    @property
    def participants(self) -> Mapping[str, Participant]: ...

    def join(
        self,
        *,
        participant_id: str,
        name: str,
        speaking_language: str,
        listening_language: str,
        original: Original,
        events: EventSink,
    ) -> Participant:
        """Let somebody in, with languages already normalised (speaking may be `auto`).

        Their first events come after this call has returned, so that `joined` comes before them.
        """
        ...


class Rooms(Protocol):
    """All rooms of this node."""

    @property
    def paths(self) -> Paths: ...

    def open(self, room_id: str) -> Room:
        """Give the room, a new one if there is none."""
        ...

    def get(self, room_id: str) -> Room | None: ...
