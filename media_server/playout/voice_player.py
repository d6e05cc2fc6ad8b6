"""Sends the voices of one language to their listeners, a packet every 20 ms."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple, Protocol

from prometheus_client import Counter

from media_server.analysis.trace import frame_at
from media_server.clock import Clock, Timer
from media_server.packet import VoiceOrigin
from media_server.peer import Outlet
from media_server.playout.utterance_voice import Lost
from media_server.playout.voice_queue import Sound, VoiceQueue
from media_server.playout.voice_sound import new_voice_trace
from media_server.playout.voice_source import VoiceSource
from media_server.utterance import Utterance
from pipeline.messages import Speech
from pipeline.messages.speech import PACKET_MS

PACKET_S = PACKET_MS / 1_000
MAX_WITNESSES = 50
"""Listeners of one clause who are asked when they heard it: of more, every second, third ... in turn."""

LOST = Counter("parley_voice_clauses_lost_total", "Clauses whose voice was not, or not wholly, heard.", ["why"])
PACKETS = Counter("parley_voice_packets_total", "Packets of voices that were played, whoever listens.")
SHIFTS = Counter("parley_voice_schedule_shifts_total", "Times a voice went on later because the event loop was late.")


class Ear(Protocol):
    """A listener, as the player needs them."""

    def begin_voice(self, speaker_id: str, language: str) -> Outlet | None:
        """Give the outlet for a speaker's voice, the same while it lasts; None if there is none for it."""

    def rest_voice(self, speaker_id: str) -> None:
        """Let the outlet rest; another voice that finds no other may have it. Harmless if there is none."""

    def end_voice(self, speaker_id: str) -> None:
        """Give the outlet back. Harmless if there is none."""

    def voice_began(self, speech: Speech, utterance: Utterance, outlet: Outlet) -> None:
        """Hear that a clause's first packet left by this outlet just now; `speech` is the record it was in."""

    def voice_missed(self, speaker_id: str, utterance_id: str) -> None:
        """Hear of an utterance's clause that there was no outlet for it."""


class PlayoutObserver(Protocol):
    """Whoever wants to know how it went."""

    def voice_sent(self, speech: Speech, utterance: Utterance) -> None:
        """Hear that the first packet of a clause left; `speech` is the record it was in."""

    def voice_lost(self, lost: Lost) -> None:
        """Hear that a clause, or the rest of it, will not be heard."""

    def voice_unseated(self, utterance: Utterance) -> None:
        """Hear that one listener, who knows it already, had no slot for a clause."""

    def voice_finished(self, utterance: Utterance) -> None:
        """Hear that nothing of this utterance will be played any more."""


Audience = Callable[[Utterance, int], Iterable[Ear]]
"""Who is to hear an utterance's clause whose audio ended then (epoch ms)."""


class _Playing(NamedTuple):
    """The clause that is being played, and who hears it."""

    utterance: Utterance
    origin: VoiceOrigin
    source: VoiceSource
    seats: dict[Ear, Outlet]
    # Who would hear it, had they a slot for it.
    unseated: set[Ear]


class _Resting(NamedTuple):
    """The clause a speaker fell silent after, and until when (monotonic seconds) its slots are kept."""

    after: _Playing
    until: float


class VoicePlayer:
    """Paces one queue by absolute deadlines: the first packet at once, the others 20 ms apart.

    A packet that is late by more than 20 ms shifts the schedule: there is never a burst. `wake` must be called when
    anything changed, and `tick` every so often, for what time alone changes.
    """

    def __init__(
        self, queue: VoiceQueue, audience: Audience, observer: PlayoutObserver, *, clock: Clock, hold_s: float
    ) -> None:
        """Keep a voice's slots for `hold_s` after its last packet."""
        self.queue = queue
        self._audience = audience
        self._observer = observer
        self._clock = clock
        self._hold_s = hold_s
        self._playing: _Playing | None = None
        # Speaker -> their voice as a source, and, while it lasts, who hears it.
        self._sources: dict[str, VoiceSource] = {}
        self._ears: dict[str, set[Ear]] = {}
        # By speaker: those who have fallen silent and keep their slots for a while.
        self._resting: dict[str, _Resting] = {}
        # When the next packet is due, and the timer that waits for it.
        self._due = float("-inf")
        self._timer: Timer | None = None
        self._closed = False
        # Begun so far.
        self._clauses = 0
        self.trace = new_voice_trace()

    @property
    def idle(self) -> bool:
        """Whether nothing is played or waited for."""
        return self.queue.empty and not self._ears

    def wake(self) -> None:
        """Play what can be played now."""
        if self._timer is None:
            self._run(paced=False)

    def tick(self) -> None:
        """Notice what time alone changes."""
        now = self._clock.now()
        for speaker_id in [speaker for speaker, resting in self._resting.items() if now >= resting.until]:
            self._release(speaker_id)
        if self._timer is None:
            self.wake()
        else:
            self.queue.sweep(now, self._clock.epoch_ms())
            self._report()

    def reroute(self) -> None:
        """Apply at once that other people listen now."""
        for resting in list(self._resting.values()):
            self._keep(resting.after)
        if self._playing is not None:
            self._seat(self._playing)
            if not self._playing.seats:
                self._stop()

    def drop(self, speaker_id: str) -> None:
        """Stop a speaker's voice now, and forget what of it waits."""
        self.queue.drop(speaker_id)
        if self._playing is not None and self._playing.utterance.speaker_id == speaker_id:
            self._playing = None
        self._release(speaker_id)
        self._report()

    def close(self) -> None:
        """Stop everything. Idempotent."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._playing = None
        for speaker_id in list(self._ears):
            self._release(speaker_id)

    def _on_timer(self) -> None:
        self._timer = None
        self._run(paced=True)

    def _run(self, *, paced: bool) -> None:
        """Send the packet that is due, and come back for the next one. `paced`: the schedule called, not an event."""
        if self._closed:
            return
        now = self._clock.now()
        if now < self._due:
            self._timer = self._clock.call_at(self._due, self._on_timer)
            return
        sound = self._next(now)
        if sound is None:
            self._rest(now)
        else:
            if now - self._due > PACKET_S:
                self._due = now
                if paced:
                    SHIFTS.inc()
            self._send(sound, now)
            self._due += PACKET_S
            self._timer = self._clock.call_at(self._due, self._on_timer)
        self._report()

    def _next(self, now: float) -> Sound | None:
        """Give the next packet that somebody is there to hear."""
        now_ms = self._clock.epoch_ms()
        while (sound := self.queue.next(now, now_ms)) is not None:
            if sound.begins or self._playing is None:
                self._begin(sound, now)
            if self._playing is not None and self._playing.seats:
                return sound
            self.queue.skip()
        return None

    def _begin(self, sound: Sound, now: float) -> None:
        """Turn to another clause, or back to one that had run dry."""
        speaker_id = sound.utterance.speaker_id
        if self._playing is not None and self._playing.utterance.speaker_id != speaker_id:
            self._fall_silent(self._playing, now)
        speech = sound.speech
        source = self._sources.get(speaker_id) or VoiceSource(speaker_id, speech.language)
        self._sources[speaker_id] = source
        origin = VoiceOrigin(sound.utterance.utterance_id, speech.ended_at_ms, speech.language)
        self._playing = _Playing(sound.utterance, origin, source, {}, set())
        self._seat(self._playing)

    def _seat(self, playing: _Playing) -> None:
        """Give the clause's listeners their slots, and take them from those who are so no longer."""
        speaker_id = playing.utterance.speaker_id
        audience = self._keep(playing)
        outlets = {ear: ear.begin_voice(speaker_id, playing.origin.language) for ear in audience}
        playing.seats.clear()
        playing.seats.update({ear: outlet for ear, outlet in outlets.items() if outlet is not None})
        playing.source.fan_out.outlets = tuple(playing.seats.values())
        self._resting.pop(speaker_id, None)
        if playing.seats:
            self._ears[speaker_id] = set(playing.seats)
        else:
            self._ears.pop(speaker_id, None)
        for ear in audience - playing.seats.keys() - playing.unseated:
            self._miss(playing, ear)

    def _keep(self, playing: _Playing) -> set[Ear]:
        """Take a speaker's slots from those who do not listen to this clause any more; give those who do."""
        speaker_id = playing.utterance.speaker_id
        audience = set(self._audience(playing.utterance, playing.origin.ended_at_ms))
        ears = self._ears.get(speaker_id, set())
        for ear in ears - audience:
            ear.end_voice(speaker_id)
        ears &= audience
        return audience

    def _miss(self, playing: _Playing, ear: Ear) -> None:
        """Leave somebody without this clause, once: what their page has no slot for they hear as it is."""
        playing.unseated.add(ear)
        LOST.labels("unseated").inc()
        ear.voice_missed(playing.utterance.speaker_id, playing.utterance.utterance_id)
        self._observer.voice_unseated(playing.utterance)

    def _send(self, sound: Sound, now: float) -> None:
        playing = self._playing
        if playing is None:
            return
        packet = playing.source.packet(sound.payload, now, playing.origin)
        playing.source.fan_out.forward(playing.source.name, packet)
        # By the schedule, not the clock: a timer a moment late would leave a hole, and two packets in the next frame.
        self.trace.note(frame_at(self._due), sound.payload)
        PACKETS.inc()
        if sound.begins:
            self._begun(playing, sound)

    def _begun(self, playing: _Playing, sound: Sound) -> None:
        """Tell of a clause's first packet; of many listeners, some: each in turn."""
        self._observer.voice_sent(sound.speech, sound.utterance)
        step = max(1, -(-len(playing.seats) // MAX_WITNESSES))
        self._clauses += 1
        for ear, outlet in islice(playing.seats.items(), self._clauses % step, None, step):
            ear.voice_began(sound.speech, sound.utterance, outlet)

    def _rest(self, now: float) -> None:
        """Nothing is there to play: let the slots rest, and take them back after a while."""
        if self._playing is not None:
            self._fall_silent(self._playing, now)
            self._playing = None

    def _fall_silent(self, playing: _Playing, now: float) -> None:
        speaker_id = playing.utterance.speaker_id
        for ear in playing.seats:
            ear.rest_voice(speaker_id)
        if playing.seats:
            self._resting[speaker_id] = _Resting(playing, now + self._hold_s)

    def _stop(self) -> None:
        """Break off the clause that is being played: nobody hears it any more."""
        self._playing = None
        self.queue.skip()

    def _release(self, speaker_id: str) -> None:
        self._resting.pop(speaker_id, None)
        self._sources.pop(speaker_id, None)
        for ear in self._ears.pop(speaker_id, ()):
            ear.end_voice(speaker_id)

    def _report(self) -> None:
        """Tell what was lost and what is done."""
        lost, self.queue.lost = self.queue.lost, []
        for each in lost:
            LOST.labels(each.why).inc()
            self._observer.voice_lost(each)
        finished, self.queue.finished = self.queue.finished, []
        for utterance in finished:
            self._observer.voice_finished(utterance)
