"""A named place: who is in it, who hears whom and how, and what of all that they are told."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from media_server.announcer import Announce
from media_server.clock import Clock
from media_server.close_reason import CloseReason
from media_server.closing import Closing
from media_server.earshot import Earshot
from media_server.engine_watch import EngineWatch
from media_server.events import (
    Event,
    EventSink,
    Original,
    ParticipantInfo,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    Speaking,
)
from media_server.floors import Floors
from media_server.insight.insight import Insight
from media_server.ledger import Ledger
from media_server.listener import Listener
from media_server.newcomers import Newcomers
from media_server.notices import REPLACED, SERVER_STOPPING, notice
from media_server.participant import Participant
from media_server.paths import Paths
from media_server.peer import Peer, PeerFactory
from media_server.rights import ALL_RIGHTS, Rights
from media_server.routes import Routes
from media_server.settings import MediaSettings
from media_server.speaker import AnalyserFactory, Ingest, Speaker
from media_server.targets import Tongue, tongue
from media_server.utterance import Utterance
from media_server.voices import KEPT_MS, Voices
from pipeline.messages import Speech, Target, Transcript
from pipeline.messages.language import AUTO

_log = structlog.get_logger(__name__)


class RoomClosedError(Exception):
    """The room has ended; open it anew and join that one."""


class Room:
    """Wires speakers to listeners. Everything it does at once is done before the call returns.

    Its Participants close with it; it ends when the last of them leaves.
    """

    def __init__(
        self,
        room_id: str,
        *,
        paths: Paths,
        ledger: Ledger,
        ingest: Ingest,
        announce: Announce,
        new_peer: PeerFactory,
        new_analyser: AnalyserFactory,
        settings: MediaSettings,
        clock: Clock,
        on_end: Callable[["Room"], None],
    ) -> None:
        """`on_end` is called once, when the room has ended."""
        self.room_id = room_id
        self.closed = False
        self.opened = clock.now()
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._on_end = on_end
        self._members: dict[str, Participant] = {}
        # What people are told of how it goes.
        self.insight = Insight(room_id, self._members, ledger, clock)
        self._floors = Floors(self._members, settings, clock)
        self._voices = Voices(
            members=self._members,
            paths=paths,
            ledger=ledger,
            insight=self.insight,
            observer=self,
            settings=settings,
            clock=clock,
        )
        self._routes = Routes(members=self._members, paths=paths, punctuality=self._voices, captions=settings.captions)
        self._engine_watch = EngineWatch(self._members, paths)
        self._newcomers = Newcomers(
            room_id,
            self,
            paths=paths,
            ingest=ingest,
            announce=announce,
            new_peer=new_peer,
            new_analyser=new_analyser,
            earshot=Earshot(self._members, self._voices),
            settings=settings,
            clock=clock,
        )
        # Who left -> when; their voices may still come.
        self._departed: dict[str, float] = {}
        # Connections being closed.
        self.closing = Closing(room_id)

    @property
    def participants(self) -> Mapping[str, Participant]:
        """Who is in the room, by id, in the order in which they joined."""
        return MappingProxyType(self._members)

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
        """Let somebody in. Languages are normalised; `speaking_language` may be `auto`.

        Whoever is in the room under the same id is replaced, and told so. The newcomer's first events come after this
        call has returned.

        Raises:
            RoomClosedError: the room has ended.
        """
        if self.closed:
            raise RoomClosedError(self.room_id)
        info = ParticipantInfo(
            participant_id=participant_id,
            name=name,
            speaking_language=speaking_language,
            listening_language=listening_language,
            role=rights.role,
            muted=not rights.publishes,
        )
        newcomer = self._newcomers.make(info, original, events, rights)
        replaced = self._members.get(participant_id)
        if replaced is not None:
            replaced.tell(notice(REPLACED))
            self._leave(replaced, CloseReason.REPLACED)
        self._tell_of(newcomer, ParticipantJoined(participant=info))
        self._members[participant_id] = newcomer
        self._departed.pop(participant_id, None)
        self._refresh(newcomer)
        self._clock.call_at(self._clock.now(), lambda: self._welcome(newcomer))
        _log.info("participant_joined", room_id=self.room_id, participant_id=participant_id)
        return newcomer

    def drain(self) -> None:
        """Tell everybody that the end is near. What is being said is heard out; what is said after it, as it is."""
        self._tell_all(notice(SERVER_STOPPING))
        for member in self._members.values():
            member.speaker.retire()

    def cut_short(self) -> None:
        """End what is still being said, so that its voices are heard to their end."""
        for member in self._members.values():
            member.speaker.retire(at_once=True)

    def begin_anew(self) -> None:
        """End every utterance here: what is said from now on is the next one, heard from its beginning as a voice."""
        for member in self._members.values():
            member.speaker.begin_anew()

    @property
    def busy(self) -> bool:
        """Whether somebody is in the middle of an utterance, or a voice sounds or is to come."""
        since_ms = self._clock.epoch_ms() - self._settings.voice_deadline_ms
        return not self._voices.idle or self._ledger.awaits(self.room_id, since_ms)

    async def close(self, reason: CloseReason = CloseReason.ROOM_CLOSED) -> None:
        """End the room and everybody's part in it. Idempotent; returns when the connections are closed (within 5 s)."""
        for member in list(self._members.values()):
            self._leave(member, reason)
        self._end()
        await self.closing.wait()

    def speech(self, speech: Speech) -> None:
        """Take a voice's record from the bus."""
        self._voices.speech(speech)

    def transcript(self, transcript: Transcript) -> None:
        """Take a transcript from the bus."""
        self._ledger.recognised(transcript)
        self._voices.transcript(transcript)
        speaker = self._members.get(transcript.user_id)
        heard = transcript.language
        if speaker is not None and speaker.speaker.language == AUTO and heard not in (AUTO, speaker.heard_language):
            speaker.heard_language = heard
            self._reconsider(speaker)
            self._engine_watch.refresh()

    def set_readers(self, languages: frozenset[str] | None) -> None:
        """Hear in which languages words are read here by others than who listens in them; None: nobody reads at all."""
        self._routes.set_readers(languages)
        self._refresh()

    def captioned(self, source: str, target: str, took_ms: int) -> None:
        """Hear that the final caption of something said here was shown so long after the end of its sound."""
        self.insight.captioned(source, target, took_ms)

    def paths_changed(self) -> None:
        """Something can be translated that could not, or the other way round."""
        self._refresh()

    def tick(self) -> None:
        """Notice what time alone changes."""
        for member in list(self._members.values()):
            member.speaker.tick()
        self._floors.seat()
        speaking = self._floors.speaking()
        if speaking is not None:
            self._tell_all(speaking)
        self._voices.tick()
        forgotten = self._clock.now() - KEPT_MS / 1_000
        for speaker_id in [speaker_id for speaker_id, left in self._departed.items() if left < forgotten]:
            self._forget(speaker_id)
        if not self._members and self._clock.now() - self.opened > self._settings.empty_room_ms / 1_000:
            self._end()
        self.insight.tick(self._voices.remaining)

    # What participants do.

    def participant_changed(self, participant: Participant) -> None:
        """See ParticipantObserver."""
        info, speaker, listener = participant.info, participant.speaker, participant.listener
        if info.muted != speaker.muted:
            speaker.set_muted(info.muted)
            if info.muted:
                self._floors.seat(silenced=participant.participant_id)
        listener.language, spoken = info.listening_language, speaker.language
        if not participant.rights.publishes:
            self._forget(participant.participant_id)
        if not participant.rights.subscribes:
            listener.forget_all()
        self._tell_of(participant, ParticipantUpdated(participant=info))
        self._refresh(participant)
        if speaker.language != spoken:
            self._voices.interrupt(participant.participant_id)

    def participant_connected(self, participant: Participant) -> None:
        """See ParticipantObserver."""
        if not participant.gone:
            self._routes.refresh()
            self._floors.reconnect()
            self._voices.reroute()

    def connection_replaced(self, earlier: Peer) -> None:
        """See ParticipantObserver."""
        self.closing.let(earlier.close())

    def participant_ended(self, participant: Participant, reason: CloseReason) -> None:
        """See ParticipantObserver."""
        participant_id = participant.participant_id
        if self._members.get(participant_id) is not participant:
            return
        del self._members[participant_id]
        self._departed[participant_id] = self._clock.now()
        for member in self._members.values():
            member.listener.speaker_left(participant_id)
        if reason is CloseReason.REMOVED:
            self._forget(participant_id)
        self.insight.forget(participant_id)
        self._voices.reroute()
        self._refresh(participant)
        self._floors.reconnect()
        self._tell_of(participant, ParticipantLeft(participant_id=participant_id, reason=reason))
        _log.info("participant_left", room_id=self.room_id, participant_id=participant_id, reason=reason)
        if not self._members and reason is not CloseReason.REPLACED:
            self._end()

    def still_speaking(self) -> Speaking | None:
        """See ParticipantObserver."""
        return self._floors.still_speaking()

    # What speakers do.

    def speaker_sounds(self, speaker: Speaker) -> None:  # noqa: ARG002
        """See SpeakerObserver."""
        self._floors.seat()

    def utterance_started(self, speaker: Speaker, utterance: Utterance) -> None:
        """See SpeakerObserver."""
        self._voices.started(utterance)
        self._ledger.started(self.room_id, utterance, speaker.language)
        for listener in self._listeners_of(speaker.speaker_id):
            listener.utterance_started(speaker.speaker_id, utterance.utterance_id)
        self._floors.seat()

    def utterance_resumed(self, speaker: Speaker, utterance: Utterance) -> None:  # noqa: ARG002
        """See SpeakerObserver."""
        self._voices.changed()

    def utterance_ended(self, speaker: Speaker, utterance: Utterance) -> None:
        """See SpeakerObserver."""
        for listener in self._listeners_of(speaker.speaker_id):
            listener.utterance_ended(speaker.speaker_id, utterance.utterance_id)
        self._ledger.ended(utterance, self._routes.translatable(speaker))
        self._voices.changed()
        self._floors.seat()

    def analysis_changed(self, speaker: Speaker) -> None:
        """See SpeakerObserver."""
        self.lateness_changed(speaker.speaker_id)

    def targets(self, speaker: Speaker) -> tuple[Target, ...]:
        """See SpeakerObserver."""
        return self._routes.targets(speaker)

    # What voices do.

    def voice_missed(self, utterance: Utterance, missing: Tongue) -> None:
        """See VoicesObserver."""
        for listener in self._listeners_of(utterance.speaker_id):
            if tongue(listener.language) == missing:
                listener.voice_missed(utterance.speaker_id, utterance.utterance_id)
        self._floors.seat()

    def lateness_changed(self, speaker_id: str) -> None:
        """See VoicesObserver."""
        member = self._members.get(speaker_id)
        if member is not None:
            self._reconsider(member)

    # How it all hangs together.

    def _welcome(self, newcomer: Participant) -> None:
        """Tell somebody who has just joined how they hear the others."""
        if self._members.get(newcomer.participant_id) is newcomer:
            newcomer.welcomed = True
            self._refresh(newcomer)
            speaking = self._floors.still_speaking()
            for event in (*self.insight.present(newcomer), *([] if speaking is None else [speaking])):
                newcomer.tell(event)

    def _refresh(self, about: Participant | None = None) -> None:
        """Decide anew who hears what of whom, and apply it at once; `about`: all that changed is about them."""
        if about is None:
            self._routes.refresh()
        else:
            self._routes.refresh_about(about)
        self._floors.seat()
        self._voices.reroute()
        for member in self._members.values():
            member.tell_auto_language()
        self._engine_watch.refresh()

    def _reconsider(self, speaker: Participant) -> None:
        """Decide anew who hears what of one speaker."""
        self._routes.reconsider(speaker)
        self._floors.seat()

    def _listeners_of(self, speaker_id: str) -> list[Listener]:
        return [member.listener for member_id, member in self._members.items() if member_id != speaker_id]

    def _tell_all(self, event: Event) -> None:
        for member in self._members.values():
            member.tell(event)

    def _tell_of(self, participant: Participant, event: Event) -> None:
        """Tell everybody of somebody, but nobody else of somebody hidden."""
        for member in self._members.values():
            if member is participant or not participant.rights.hidden:
                member.tell(event)

    def _leave(self, member: Participant, reason: CloseReason) -> None:
        """Let somebody go at once, and their connection close in its own time."""
        member.end(reason)
        self.closing.let(member.leave(reason))

    def _forget(self, speaker_id: str) -> None:
        """Nothing more is to be heard of somebody who left."""
        self._departed.pop(speaker_id, None)
        self._voices.drop(speaker_id)
        self._voices.forget(speaker_id)
        for listener in self._listeners_of(speaker_id):
            listener.forget(speaker_id)

    def _end(self) -> None:
        if not self.closed:
            self.closed = True
            self._voices.close()
            self.insight.close()
            self._on_end(self)
