"""The publishing half of a participant: one microphone, forwarded as it is and, beside that, listened to."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Protocol

import structlog
from prometheus_client import Counter

from media_server.analysis.echo_watch import EchoWatch, Played
from media_server.analysis.segments import Ended, Resumed, Segment, Started
from media_server.analysis.trace import Trace
from media_server.chunker import Chunker, Setting
from media_server.clock import Clock, Timer
from media_server.fan_out import FanOut
from media_server.levels import GAP_S, LevelMeter
from media_server.own_voice import OwnVoice
from media_server.packet import AudioPacket
from media_server.peer import Outlet
from media_server.settings import MediaSettings
from media_server.utterance import Utterance
from pipeline.messages import AudioChunk, Target

FAILURES = Counter("parley_analysis_failures_total", "Times the analysis of a speaker failed and was given up.")

_log = structlog.get_logger(__name__)
_numbers = count()


class Analyser(Protocol):
    """One speaker's packets to segments (see `media_server.analysis`). Raises when it cannot go on."""

    def push(self, packet: AudioPacket) -> list[Segment]:
        """Take a packet."""
        ...

    def push_sound(self, pcm: bytes, arrived: float) -> list[Segment]:
        """Take sound that needs no decoding: 16 kHz mono s16le which follows on what was taken before."""
        ...

    @property
    def trace(self) -> Trace:
        """What was heard when."""
        ...

    @property
    def echo(self) -> EchoWatch:
        """The guard against echoes, which is to be told what was played."""
        ...

    def tick(self, now: float) -> list[Segment]:
        """Let time pass (monotonic seconds)."""
        ...

    def close(self) -> list[Segment]:
        """End the open utterance."""
        ...


AnalyserFactory = Callable[[], Analyser]


class Ingest(Protocol):
    """Where chunks go on their way to the bus."""

    def offer(self, chunk: AudioChunk) -> None:
        """Take a chunk. Never waits; drops the oldest when full."""


class SpeakerObserver(Protocol):
    """Who is told what a speaker does: the room."""

    def speaker_sounds(self, speaker: "Speaker") -> None:
        """Hear the first sound after a pause: the speaker may have to be given slots."""

    def utterance_started(self, speaker: "Speaker", utterance: Utterance) -> None:
        """Hear that an utterance begins."""

    def utterance_resumed(self, speaker: "Speaker", utterance: Utterance) -> None:
        """Hear that its speculations so far are void."""

    def utterance_ended(self, speaker: "Speaker", utterance: Utterance) -> None:
        """Hear that it is over."""

    def analysis_changed(self, speaker: "Speaker") -> None:
        """Hear that `analysis_works` or `retired` is another than it was."""

    def targets(self, speaker: "Speaker") -> tuple[Target, ...]:
        """Give the languages others listen to now."""
        ...


class Speaker:
    """Forwards first, then analyses; whatever goes wrong in the latter never touches the former."""

    def __init__(
        self,
        *,
        room_id: str,
        speaker_id: str,
        language: str,
        new_analyser: AnalyserFactory,
        ingest: Ingest,
        observer: SpeakerObserver,
        settings: MediaSettings,
        clock: Clock,
        own_voice: OwnVoice,
        played: Played | None = None,
    ) -> None:
        self.speaker_id = speaker_id
        # As recognition is told: a tag, or `auto`.
        self.language = language
        self.muted = False
        # Whether they are to be translated in their own voice; takes their speech for it if they consented.
        self.own_voice = own_voice
        # Somebody needs this speaker's words.
        self.wanted = False
        # False from a failure until an utterance has come to its end without one: a packet that is heard proves little.
        self.analysis_works = True
        # Nothing they say is an utterance any more: it is forwarded, and that is all.
        self.retired = False
        self._retires = False
        self.meter = LevelMeter(settings)
        self._fan_out = FanOut()
        self._source = ""
        self.renew()
        self._room_id = room_id
        self._new_analyser = new_analyser
        self._ingest = ingest
        self._observer = observer
        self._clock = clock
        self._first_retry_s = settings.analysis_retry_ms / 1_000
        self._longest_retry_s = settings.analysis_retry_max_ms / 1_000
        # How long after the next failure it is tried again.
        self._retry_s = self._first_retry_s
        # While an utterance is open: the analysis looks at the time more often than the room does.
        self._tick_s = settings.speech_tick_ms / 1_000
        self._ticking: Timer | None = None
        self._chunker = Chunker(room_id=room_id, user_id=speaker_id, first_number=clock.epoch_ms())
        self._analyser: Analyser | None = None
        # When a failed analysis may be tried again.
        self._retry_at = float("-inf")
        self._closed = False
        # See Analyser.
        self._played = played

    def renew(self) -> None:
        """Expect packets of another microphone: a source unlike any other in this process, with its own numbering."""
        self._source = f"floor:{self.speaker_id}:{next(_numbers)}"

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """Where the floor goes now; the room puts others in place when that changes."""
        return self._fan_out.outlets

    @outlets.setter
    def outlets(self, outlets: Sequence[Outlet]) -> None:
        self._fan_out.outlets = outlets

    @property
    def trace(self) -> Trace | None:
        """What was heard of them when; None if nobody listens."""
        return None if self._analyser is None else self._analyser.trace

    @property
    def utterance(self) -> Utterance | None:
        """The one they are in the middle of."""
        return self._chunker.utterance

    def hear(self, packet: AudioPacket) -> None:
        """Take a packet from the microphone: the hot path, called for each."""
        if self.muted or self._closed:
            return
        fan_out = self._fan_out
        fan_out.forward(self._source, packet)
        paused = packet.arrived - self.meter.sound_at > GAP_S
        if self.meter.heard(packet) and paused:
            outlets = fan_out.outlets
            self._observer.speaker_sounds(self)
            if fan_out.outlets != outlets:
                fan_out.forward_to_newcomers(self._source, packet, outlets)
        if self.wanted:
            fan_out.flush()  # what listeners hear does not wait for the analysis
            self._analyse(lambda analyser: analyser.push(packet))

    # From who has no browser: sound that is listened to as it is, and made packets of only if somebody hears them.

    def hear_sound(self, pcm: bytes, arrived: float) -> None:
        """Listen to 16 kHz mono s16le that arrived at this time (monotonic seconds) and follows on the last."""
        if not (self.muted or self._closed) and self.wanted:
            self._analyse(lambda analyser: analyser.push_sound(pcm, arrived))

    def sounds(self, level: int, now: float) -> bool:
        """Note how loud (-dBov) the 20 ms to be forwarded now are; say whether anybody hears them as they are."""
        if self.muted or self._closed:
            return False
        paused = now - self.meter.sound_at > GAP_S
        if self.meter.note(level, now) and paused:
            self._observer.speaker_sounds(self)
        return bool(self._fan_out.outlets)

    def forward(self, packet: AudioPacket) -> None:
        """Send a packet of which `sounds` was asked to whoever hears it."""
        self._fan_out.forward(self._source, packet)

    def tick(self) -> None:
        """Let time pass for the analysis."""
        if self._analyser is not None:
            now = self._clock.now()
            self._analyse(lambda analyser: analyser.tick(now))

    def _tick_soon(self) -> None:
        """Look at the time again soon, if an utterance is open."""
        if self._ticking is None and self._chunker.utterance is not None:
            self._ticking = self._clock.call_at(self._clock.now() + self._tick_s, self._tick_now)

    def _tick_now(self) -> None:
        self._ticking = None
        self.tick()
        self._tick_soon()

    def set_wanted(self, wanted: bool) -> None:
        """Analyse from now on, or no longer."""
        if self.wanted and not wanted:
            self._end_utterance()
        self.wanted = wanted

    def set_muted(self, muted: bool) -> None:
        """Neither forward nor analyse from now on, or do so again."""
        self.muted = muted
        if muted:
            self._end_utterance()
            self.meter.reset()

    def set_language(self, language: str) -> None:
        """Speak another language from now on; what is being said ends here."""
        if language != self.language:
            self._end_utterance()
            self.language = language

    def begin_anew(self) -> None:
        """End the open utterance here; what is said from now on is the next one."""
        self._end_utterance()

    def retire(self, *, at_once: bool = False) -> None:
        """Begin no other utterance; the open one comes to its end, or is ended now. Idempotent."""
        self._retires = True
        if at_once:
            self._end_utterance()
        if self.utterance is None:
            self._have_retired()

    def close(self) -> None:
        """Stop; the open utterance is ended, so that its voices are made to their end. Idempotent."""
        if not self._closed:
            self._closed = True
            self.outlets = ()
            self._end_utterance()
            self._analyser = None
            self.own_voice.close()
            if self._ticking is not None:
                self._ticking.cancel()

    def _end_utterance(self) -> None:
        if self._analyser is not None:
            self._analyse(lambda analyser: analyser.close())

    def _have_retired(self) -> None:
        if not self.retired:
            self.retired = True
            self._analyser = None
            self._observer.analysis_changed(self)

    def _analyse(self, step: Callable[[Analyser], list[Segment]]) -> None:
        """Run one step of the analysis: the fault boundary between it and everything else."""
        if self.retired:
            return
        if self._analyser is None and self._clock.now() < self._retry_at:
            return
        try:
            if self._analyser is None:
                self._analyser = self._new_analyser()
                self._analyser.echo.played = self._played
            segments = step(self._analyser)
            for segment in segments:
                self._take(segment)
        except Exception:  # whatever it was, the floor goes on
            self._fail()
            return
        if any(isinstance(segment, Ended) for segment in segments):
            self._prove()
        self._tick_soon()

    def _prove(self) -> None:
        """Take the analysis for working: it has heard an utterance out."""
        self._retry_s = self._first_retry_s
        if not self.analysis_works:
            self.analysis_works = True
            self._observer.analysis_changed(self)

    def _fail(self) -> None:
        FAILURES.inc()
        _log.exception("analysis_failed", room_id=self._room_id, speaker_id=self.speaker_id)
        self._analyser = None
        self._retry_at = self._clock.now() + self._retry_s
        self._retry_s = min(2 * self._retry_s, self._longest_retry_s)
        utterance = self._chunker.utterance
        if utterance is not None:
            self._take(Ended(confirms=0, speech_end_ms=self._chunker.end_ms))
        if self.analysis_works:
            self.analysis_works = False
            self._observer.analysis_changed(self)

    def _take(self, segment: Segment) -> None:
        """Send what a segment gives to recognition, and tell the room."""
        if self.retired:
            return
        utterance = self._chunker.utterance
        targets = self._observer.targets(self)
        setting = Setting(language=self.language, targets=targets, now_ms=self._clock.epoch_ms())
        for chunk in self._chunker.take(segment, setting):
            self._ingest.offer(chunk)
            self.own_voice.hear(chunk.payload)
        if isinstance(segment, Started) and self._chunker.utterance is not None:
            self._observer.utterance_started(self, self._chunker.utterance)
        elif isinstance(segment, Resumed) and utterance is not None:
            self._observer.utterance_resumed(self, utterance)
        elif isinstance(segment, Ended) and utterance is not None:
            self._observer.utterance_ended(self, utterance)
            if self._retires:
                self._have_retired()
