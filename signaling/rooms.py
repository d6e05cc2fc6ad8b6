"""What the door needs of the media server. `media_server.rooms` has it; tests have a fake."""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, Protocol

from media_server.close_reason import CloseReason
from media_server.direct.connection import DirectConnection
from media_server.events import Event, EventSink, Original, ParticipantInfo
from media_server.peer import IceCandidate
from media_server.rights import ALL_RIGHTS, Rights
from pipeline.messages import RoomSettings, WorkerStatus


class Paths(Protocol):
    """Which languages can be heard, translated and spoken now."""

    @property
    def recognisable(self) -> frozenset[str]: ...

    def can(self, source: str, target: str) -> bool:
        """Whether speech in one language can be heard in the other."""
        ...

    def can_read(self, source: str, target: str) -> bool:
        """Whether speech in one language can be read in the other."""
        ...

    def targets(self) -> Collection[str]:
        """Give the languages that something can be translated into and spoken in."""
        ...

    def statuses(self) -> list[WorkerStatus]:
        """Give what each worker that was heard of lately said last."""
        ...


class Participant(Protocol):
    """One person in a room."""

    @property
    def info(self) -> ParticipantInfo: ...

    @property
    def rights(self) -> Rights: ...

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

    def use(self, connection: DirectConnection) -> None:
        """Hear and be heard by a connection that needs no offer; it takes the place of the one there is.

        Raises:
            OfferError: they are out of the room.
        """

    def set_languages(self, *, speaking: str | None = None, listening: str | None = None) -> None: ...

    def set_original(self, original: Original) -> None: ...

    def set_muted(self, muted: bool) -> None: ...

    def set_own_voice(self, consented: bool) -> None:
        """Note whether their translations may be spoken in their own voice."""

    def heard(self, utterance_id: str, clause: int, language: str, ago_ms: int) -> None:
        """Take their page's word that a clause's voice began to sound so long ago. What cannot be is passed over."""

    def watch_figures(self, watched: bool) -> None:
        """Tell them the figures of what they hear from now on, or no longer."""

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
        rights: Rights | None = None,
    ) -> None:
        """Come back as whoever they are now; `keep_connection`: by the same page; `rights`: others than before."""

    def catch_up(self) -> Collection[Event]:
        """Give what a page that has just come must be told of what was told before."""
        ...

    def tell(self, event: Event) -> None:
        """Send an event to their page. Never blocks, never raises."""

    def end(self, reason: CloseReason) -> None:
        """Be out of the room at once, with the connection still to be closed by `leave`. Idempotent."""

    async def leave(self, reason: str = "left") -> None:
        """Take leave of the room. Idempotent."""


class Room(Protocol):
    """A named place; ends when empty."""

    @property
    def room_id(self) -> str: ...

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
        rights: Rights = ALL_RIGHTS,
    ) -> Participant:
        """Let somebody in, with languages already normalised (speaking may be `auto`).

        Their first events come after this call has returned, so that `joined` comes before them.
        """
        ...

    def captioned(self, source: str, target: str, took_ms: int) -> None:
        """Hear that the final caption of something said here was shown so long after the end of its sound."""


class Rooms(Protocol):
    """All rooms of this node."""

    @property
    def paths(self) -> Paths: ...

    def open(self, room_id: str) -> Room:
        """Give the room, a new one if there is none."""
        ...

    def get(self, room_id: str) -> Room | None: ...

    def __iter__(self) -> Iterator[Room]:
        """Give those that there are now."""
        ...

    def set_readers(self, room_id: str, languages: frozenset[str] | None) -> None:
        """Say in which languages words are read in a room by others than who listens in them; None: nobody reads."""

    def announce(self, settings: RoomSettings) -> None:
        """Tell the workers what a room asks of them. Never waits."""
