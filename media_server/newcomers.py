"""How a room's participants are put together."""

from functools import partial
from typing import Protocol

from media_server.announcer import Announce
from media_server.clock import Clock
from media_server.earshot import Earshot
from media_server.events import EventSink, Original, ParticipantInfo
from media_server.guarded_sink import GuardedSink
from media_server.listener import Listener
from media_server.own_voice import OwnVoice
from media_server.participant import Participant, ParticipantObserver
from media_server.paths import Paths
from media_server.peer import PeerFactory
from media_server.rights import Rights
from media_server.settings import MediaSettings
from media_server.speaker import AnalyserFactory, Ingest, Speaker, SpeakerObserver


class Observer(ParticipantObserver, SpeakerObserver, Protocol):
    """Who is told what participants and speakers do: the room."""


class Newcomers:
    """Makes the participants of one room; who they are to be joined with decides the room."""

    def __init__(
        self,
        room_id: str,
        observer: Observer,
        *,
        paths: Paths,
        ingest: Ingest,
        announce: Announce,
        new_peer: PeerFactory,
        new_analyser: AnalyserFactory,
        earshot: Earshot,
        settings: MediaSettings,
        clock: Clock,
    ) -> None:
        self._room_id = room_id
        self._observer = observer
        self._paths = paths
        self._ingest = ingest
        self._announce = announce
        self._new_peer = new_peer
        self._new_analyser = new_analyser
        self._earshot = earshot
        self._settings = settings
        self._clock = clock

    def make(self, info: ParticipantInfo, original: Original, events: EventSink, rights: Rights) -> Participant:
        """Give a participant without a connection, whom nobody hears yet. What `events` raises goes no further."""
        events = GuardedSink(events, room_id=self._room_id, participant_id=info.participant_id)
        listener = Listener(
            language=info.listening_language,
            original=original,
            events=events,
            settings=self._settings,
            clock=self._clock,
        )
        return Participant(
            info=info,
            speaker=self._speaker(info),
            listener=listener,
            new_peer=self._new_peer,
            observer=self._observer,
            events=events,
            rights=rights,
        )

    def _speaker(self, info: ParticipantInfo) -> Speaker:
        speaker_id = info.participant_id
        speaker = Speaker(
            room_id=self._room_id,
            speaker_id=speaker_id,
            language=self._paths.resolve_spoken(info.speaking_language),
            new_analyser=self._new_analyser,
            ingest=self._ingest,
            observer=self._observer,
            settings=self._settings,
            clock=self._clock,
            own_voice=OwnVoice(self._room_id, speaker_id, self._announce, self._clock),
            played=partial(self._earshot.of, speaker_id) if self._settings.echo_guard else None,
        )
        speaker.set_muted(info.muted)
        return speaker
