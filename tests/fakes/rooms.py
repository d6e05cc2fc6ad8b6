"""A media server without sound: rooms that remember what the door asked of them, and say what a test tells them to."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from media_server.close_reason import CloseReason
from media_server.direct.connection import DirectConnection
from media_server.events import (
    Event,
    EventSink,
    Original,
    ParticipantInfo,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
)
from media_server.peer import IceCandidate, OfferError, PeerFactory, PeerState
from media_server.rights import ALL_RIGHTS, Rights
from pipeline.messages import RoomSettings, WorkerStatus

SLOTS: list[tuple[str, Literal["floor", "voice"]]] = [("1", "floor"), ("2", "voice")]


class FakePaths:
    """English is recognised; it can be had in Spanish and French."""

    def __init__(self) -> None:
        self.recognisable = frozenset({"en"})
        self.pairs = {("en", "es"), ("en", "fr")}
        self.workers: list[WorkerStatus] = []

    def can(self, source: str, target: str) -> bool:
        return (source, target) in self.pairs

    def can_read(self, source: str, target: str) -> bool:
        return self.can(source, target)

    def targets(self) -> tuple[str, ...]:
        return tuple(sorted({target for _, target in self.pairs} | self.recognisable))

    def statuses(self) -> list[WorkerStatus]:
        return self.workers


class FakeParticipant:
    """Answers every offer that begins like SDP, or has a real peer answer it; waits for `go` before it does."""

    def __init__(
        self, room: "FakeRoom", info: ParticipantInfo, original: Original, events: EventSink, rights: Rights
    ) -> None:
        self.room = room
        self.info = info
        self.rights = rights
        self.original = original
        self.events = events
        self.slots: list[tuple[str, Literal["floor", "voice"]]] = []
        self.candidates: list[IceCandidate | None] = []
        self.left = ""
        self.own_voice = False
        # What their page said of when voices sounded, and whether it watches figures.
        self.heard_voices: list[tuple[str, int, str, int]] = []
        self.watches = False
        # Whether each return was by the same page, and what a page that comes back is told.
        self.returns: list[bool] = []
        self.present: list[Event] = []
        self.peer = room.new_peer() if room.new_peer else None
        # By which an audio socket brings their sound.
        self.direct: DirectConnection | None = None
        # What `answer` raises instead of answering, and whether it answers at all yet.
        self.breaks: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()

    @property
    def connected(self) -> bool:
        return self.peer is not None and self.peer.state in (PeerState.CONNECTING, PeerState.CONNECTED)

    async def answer(self, offer: str) -> str:
        await self.go.wait()
        if self.breaks is not None:
            raise self.breaks
        if self.peer is not None:
            if self.peer.state is not PeerState.NEW:
                await self.renew()
            answer = await self.peer.answer(offer)
            self.slots = [(o.mid, "floor" if i < 4 else "voice") for i, o in enumerate(self.peer.outlets)]
            return answer
        if not offer.startswith("v=0"):
            raise OfferError("this is not SDP")
        self.slots = SLOTS
        return "v=0 answer"

    def use(self, connection: DirectConnection) -> None:
        self.direct = connection

    async def add_candidate(self, candidate: IceCandidate | None) -> None:
        if candidate is not None and not candidate.candidate.startswith("candidate:"):
            raise OfferError("this is not a candidate")
        self.candidates.append(candidate)
        if self.peer is not None:
            await self.peer.add_candidate(candidate)

    def set_languages(self, *, speaking: str | None = None, listening: str | None = None) -> None:
        self._change(
            speaking_language=speaking or self.info.speaking_language,
            listening_language=listening or self.info.listening_language,
        )

    def set_original(self, original: Original) -> None:
        self.original = original

    def set_muted(self, muted: bool) -> None:
        self._change(muted=muted)

    def set_own_voice(self, consented: bool) -> None:
        self.own_voice = consented

    def heard(self, utterance_id: str, clause: int, language: str, ago_ms: int) -> None:
        self.heard_voices.append((utterance_id, clause, language, ago_ms))

    def watch_figures(self, watched: bool) -> None:
        self.watches = watched

    def set_away(self) -> None:
        self._change(away=True)

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
        self.returns.append(keep_connection)
        self.original = original
        self.rights = rights or self.rights
        self._change(
            name=name,
            speaking_language=speaking_language,
            listening_language=listening_language,
            role=self.rights.role,
            away=False,
        )

    def catch_up(self) -> list[Event]:
        return self.present

    async def renew(self) -> None:
        """Let another connection take the place of the one there was."""
        assert self.peer is not None
        assert self.room.new_peer is not None
        earlier, self.peer = self.peer, self.room.new_peer()
        await earlier.close()

    def tell(self, event: Event) -> None:
        self.events(event)

    def end(self, reason: CloseReason) -> None:
        if not self.left:
            self.left = reason
            self.room.remove(self)

    async def leave(self, reason: str = "left") -> None:
        self.end(CloseReason(reason))
        if self.peer is not None:
            await self.peer.close()

    def _change(self, **changes: object) -> None:
        self.info = msgspec.structs.replace(self.info, **changes)
        self.room.tell_of(self, ParticipantUpdated(participant=self.info))


class FakeRoom:
    """Tells everybody who comes and goes."""

    def __init__(self, rooms: "FakeRooms", room_id: str) -> None:
        self._rooms = rooms
        self.new_peer = rooms.new_peer
        self.room_id = room_id
        self._participants: dict[str, FakeParticipant] = {}
        # Everybody who was ever here, in the order of their coming.
        self.all: list[FakeParticipant] = []
        # How late its final captions were, for each pair of languages.
        self.captioned_after: list[tuple[str, str, int]] = []

    @property
    def participants(self) -> Mapping[str, FakeParticipant]:
        return self._participants

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
    ) -> FakeParticipant:
        assert participant_id not in self._participants, "the door lets one identity in once"
        info = ParticipantInfo(
            participant_id=participant_id,
            name=name,
            speaking_language=speaking_language,
            listening_language=listening_language,
            role=rights.role,
            muted=not rights.publishes,
        )
        participant = FakeParticipant(self, info, original, events, rights)
        self.tell_of(participant, ParticipantJoined(participant=info))
        self._participants[participant_id] = participant
        self.all.append(participant)
        return participant

    def add(self, participant_id: str, name: str, speaks: str = "en", hears: str = "en") -> FakeParticipant:
        """Put somebody without a browser into the room."""
        return self.join(
            participant_id=participant_id,
            name=name,
            speaking_language=speaks,
            listening_language=hears,
            original="off",
            events=lambda _: None,
        )

    def captioned(self, source: str, target: str, took_ms: int) -> None:
        self.captioned_after.append((source, target, took_ms))

    def remove(self, participant: FakeParticipant) -> None:
        del self._participants[participant.info.participant_id]
        self.tell_of(
            participant, ParticipantLeft(participant_id=participant.info.participant_id, reason=participant.left)
        )
        if not self._participants:
            self._rooms.forget(self.room_id)

    def tell_of(self, participant: FakeParticipant, event: Event) -> None:
        """Give an event about somebody to everybody; of the hidden, to nobody else."""
        for other in list(self._participants.values()):
            if other is participant or not participant.rights.hidden:
                other.events(event)

    def tell(self, event: Event) -> None:
        """Give an event to everybody."""
        for participant in list(self._participants.values()):
            participant.events(event)


class FakeRooms:
    """Rooms by id; an empty one ends. With a peer factory, browsers get real answers to their offers."""

    def __init__(self, new_peer: PeerFactory | None = None) -> None:
        self.new_peer = new_peer
        self.paths = FakePaths()
        self._rooms: dict[str, FakeRoom] = {}
        # Room -> the languages that are read in it, as the door said last; not there where nobody reads.
        self.readers: dict[str, frozenset[str]] = {}
        # What the workers were told.
        self.announced: list[RoomSettings] = []

    def announce(self, settings: RoomSettings) -> None:
        self.announced.append(settings)

    def set_readers(self, room_id: str, languages: frozenset[str] | None) -> None:
        if languages is None:
            self.readers.pop(room_id, None)
        else:
            self.readers[room_id] = languages

    def open(self, room_id: str) -> FakeRoom:
        return self._rooms.setdefault(room_id, FakeRoom(self, room_id))

    def get(self, room_id: str) -> FakeRoom | None:
        return self._rooms.get(room_id)

    def __iter__(self) -> Iterator[FakeRoom]:
        return iter(list(self._rooms.values()))

    def forget(self, room_id: str) -> None:
        self._rooms.pop(room_id, None)
