"""The voices of one room: which record goes to which player, and who hears it."""

from collections.abc import Mapping
from typing import Protocol

from prometheus_client import Counter

from media_server.analysis.trace import Trace
from media_server.clock import Clock
from media_server.insight.insight import Insight
from media_server.ledger import Ledger
from media_server.participant import Participant
from media_server.paths import Paths
from media_server.playout.lateness import Lateness
from media_server.playout.utterance_voice import Lost, Patience
from media_server.playout.voice_player import Ear, VoicePlayer
from media_server.playout.voice_queue import VoiceQueue
from media_server.settings import MediaSettings
from media_server.targets import Tongue, tongue
from media_server.utterance import Utterance
from pipeline.messages import Speech, Transcript

MAX_UTTERANCES = 256
"""Utterances of a room whose voices are still taken; beyond it those of the oldest are refused."""
KEPT_MS = 60_000
"""How long after its end an utterance's voices are still told from unknown ones."""

REFUSED = Counter("parley_speech_refused_total", "Records of speech that were of no use to a room.", ["why"])


class VoicesObserver(Protocol):
    """Who is told what listeners miss: the room."""

    def voice_missed(self, utterance: Utterance, missing: Tongue) -> None:
        """Hear that a clause has no voice in time for those who listen in this tongue."""

    def lateness_changed(self, speaker_id: str) -> None:
        """Hear that `late` is another than it was for this speaker."""


class Voices:
    """One player for each tongue (with `overlap`, for each tongue and speaker)."""

    def __init__(
        self,
        *,
        members: Mapping[str, Participant],
        paths: Paths,
        ledger: Ledger,
        insight: Insight,
        observer: VoicesObserver,
        settings: MediaSettings,
        clock: Clock,
    ) -> None:
        """`members` is the room's own mapping: who is in it is in the room."""
        self._members = members
        self._paths = paths
        self._ledger = ledger
        self._insight = insight
        self._observer = observer
        self._settings = settings
        self._clock = clock
        self._patience = Patience(
            hole_s=settings.hole_ms / 1_000, deadline_ms=settings.voice_deadline_ms, turn_ms=settings.voice_turn_ms
        )
        # In the order in which they began.
        self._utterances: dict[str, Utterance] = {}
        self._players: dict[tuple[Tongue, str], VoicePlayer] = {}
        # When each player last had something to do, in epoch milliseconds.
        self._busy_ms: dict[tuple[Tongue, str], int] = {}
        self._lateness: dict[tuple[str, Tongue], Lateness] = {}

    def started(self, utterance: Utterance) -> None:
        """Take voices of this utterance from now on."""
        self._utterances[utterance.utterance_id] = utterance
        if len(self._utterances) > MAX_UTTERANCES:
            del self._utterances[next(iter(self._utterances))]

    def changed(self) -> None:
        """Look again: an utterance has ended or resumed, so what is held back may be due, or void."""
        for player in list(self._players.values()):
            player.wake()

    def speech(self, speech: Speech) -> None:
        """Take a record from the bus."""
        utterance = self._utterances.get(speech.utterance_id)
        if utterance is None or utterance.speaker_id != speech.user_id or speech.purpose != "live":
            REFUSED.labels("unknown").inc()
            return
        heard = tongue(speech.language)
        self._ledger.arrived(heard, speech)
        in_time = self._clock.epoch_ms() <= speech.ended_at_ms + self._settings.voice_deadline_ms
        if speech.packets and in_time:
            lateness = self._lateness.get((utterance.speaker_id, heard))
            if lateness is not None and lateness.came():
                self._observer.lateness_changed(utterance.speaker_id)
        player = self._player(heard, utterance.speaker_id)
        if not player.queue.put(speech, utterance):
            REFUSED.labels("duplicate_or_superseded").inc()
        player.wake()

    def transcript(self, transcript: Transcript) -> None:
        """Learn from a committed clause which voices are to come."""
        utterance = self._utterances.get(transcript.utterance_id)
        if utterance is None or not transcript.is_final or transcript.purpose != "live":
            return
        for target in transcript.targets:
            if not target.voice:
                continue
            heard = tongue(target.language)
            if transcript.skipped:
                self.lost(Lost(utterance, transcript.clause, "failed"), heard)
            elif transcript.payload and self._paths.can(transcript.language, target.language):
                player = self._player(heard, utterance.speaker_id)
                characters = len(transcript.payload)
                player.queue.expect(utterance, transcript.clause, transcript.ended_at_ms, characters)

    @property
    def idle(self) -> bool:
        """Whether no voice sounds, or did until so lately that it keeps its slots, or is waited for."""
        return all(player.idle for player in self._players.values())

    def traces(self, participant_id: str, language: str) -> list[Trace]:
        """Give what is played in a language to a participant: not their own voice, where each has a player."""
        heard = tongue(language)
        return [
            player.trace
            for (spoken, speaker_id), player in self._players.items()
            if spoken == heard and speaker_id != participant_id
        ]

    def remaining(self) -> dict[str, dict[Tongue, int]]:
        """Say of each speaker of whom something is still to be played how long that takes, in each tongue."""
        remaining: dict[str, dict[Tongue, int]] = {}
        for (heard, _), player in self._players.items():
            for speaker_id in player.queue.speakers:
                if left_ms := player.queue.remaining_ms(speaker_id):
                    remaining.setdefault(speaker_id, {})[heard] = left_ms
        return remaining

    def backlog_ms(self, speaker_id: str, language: str) -> int:
        """Say how much sound waits before a new clause of this speaker could be heard in a language."""
        player = self._players.get(self._key(tongue(language), speaker_id))
        return player.queue.waiting_ms if player else 0

    def late(self, speaker_id: str, language: str) -> bool:
        """Whether this speaker's voice in a language has not come in time for several utterances now."""
        lateness = self._lateness.get((speaker_id, tongue(language)))
        return lateness is not None and lateness.late

    def reroute(self) -> None:
        """Apply at once that other people listen now, or to others."""
        for player in list(self._players.values()):
            player.reroute()

    def drop(self, speaker_id: str) -> None:
        """Stop everything of this speaker at once."""
        for player in list(self._players.values()):
            player.drop(speaker_id)

    def interrupt(self, speaker_id: str) -> None:
        """Stop everything of this speaker at once, and refuse what still comes of what they have said so far."""
        for utterance in [each for each in self._utterances.values() if each.speaker_id == speaker_id]:
            del self._utterances[utterance.utterance_id]
        self.drop(speaker_id)

    def tick(self) -> None:
        """Notice what time alone changes, and forget what is over."""
        oldest = self._clock.epoch_ms() - KEPT_MS
        for key, player in list(self._players.items()):
            player.tick()
            if not player.idle:
                self._busy_ms[key] = self._clock.epoch_ms()
            elif self._busy_ms.get(key, 0) < oldest:  # not before: it knows what was played, and refuses it
                self._busy_ms.pop(key, None)
                self._players.pop(key).close()
        ended = [each for each in self._utterances.values() if each.ended_at_ms is not None]
        for utterance in [each for each in ended if (each.ended_at_ms or 0) < oldest]:
            del self._utterances[utterance.utterance_id]

    def close(self) -> None:
        """Stop everything. Idempotent."""
        for player in self._players.values():
            player.close()
        self._players.clear()

    def lost(self, lost: Lost, heard: Tongue) -> None:
        """Note that a clause has no voice in this tongue, or not all of it."""
        utterance = lost.utterance
        self._ledger.lost(utterance.utterance_id, heard, lost.why)
        self._observer.voice_missed(utterance, heard)
        late = self._settings.late_utterances
        lateness = self._lateness.setdefault((utterance.speaker_id, heard), Lateness(late))
        if lateness.missed(utterance.utterance_id):
            self._observer.lateness_changed(utterance.speaker_id)

    def over(self, utterance: Utterance, heard: Tongue) -> None:
        """Tell who listens in this tongue that nothing of an utterance will be played any more."""
        for member in self._members.values():
            if tongue(member.listener.language) == heard:
                member.listener.on_voice_over(utterance.speaker_id, utterance.utterance_id)

    def forget(self, speaker_id: str) -> None:
        """Forget a speaker who is gone for good."""
        for key in [key for key in self._lateness if key[0] == speaker_id]:
            del self._lateness[key]

    def _key(self, heard: Tongue, speaker_id: str) -> tuple[Tongue, str]:
        return heard, speaker_id if self._settings.overlap else ""

    def _player(self, heard: Tongue, speaker_id: str) -> VoicePlayer:
        key = self._key(heard, speaker_id)
        player = self._players.get(key)
        if player is None:
            self._busy_ms[key] = self._clock.epoch_ms()
            player = self._players[key] = VoicePlayer(
                VoiceQueue(self._patience),
                lambda utterance, ended_at_ms: self._audience(heard, utterance, ended_at_ms),
                _Report(self, self._ledger, self._insight, heard),
                clock=self._clock,
                hold_s=self._settings.voice_hold_ms / 1_000,
            )
        return player

    def _audience(self, heard: Tongue, utterance: Utterance, ended_at_ms: int) -> list[Ear]:
        """Say who hears the voice of a clause: never its own speaker."""
        speaker_id, utterance_id = utterance.speaker_id, utterance.utterance_id
        return [
            member.listener
            for member_id, member in self._members.items()
            if member_id != speaker_id
            and tongue(member.listener.language) == heard
            and member.listener.voice_due(speaker_id, utterance_id, ended_at_ms)
        ]


class _Report:
    """What one player has to say, with the tongue it speaks."""

    def __init__(self, voices: Voices, ledger: Ledger, insight: Insight, heard: Tongue) -> None:
        self._voices = voices
        self._ledger = ledger
        self._insight = insight
        self._heard = heard

    def voice_sent(self, speech: Speech, utterance: Utterance) -> None:
        self._ledger.sent(utterance.utterance_id, self._heard, speech)
        self._insight.voice_sent(speech, utterance)

    def voice_lost(self, lost: Lost) -> None:
        self._voices.lost(lost, self._heard)

    def voice_unseated(self, utterance: Utterance) -> None:
        self._ledger.lost(utterance.utterance_id, self._heard, "unseated")

    def voice_finished(self, utterance: Utterance) -> None:
        self._ledger.finished(utterance.utterance_id, self._heard)
        self._voices.over(utterance, self._heard)
