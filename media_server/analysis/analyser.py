"""One speaker's packets to segments: all parts of the analysis, one behind the other."""

import time
from collections.abc import Callable

from media_server.analysis import silero
from media_server.analysis.burst import Burst
from media_server.analysis.clock import StreamClock
from media_server.analysis.decoder import Decoder
from media_server.analysis.echo import LEARNT_MS
from media_server.analysis.echo_watch import EchoWatch
from media_server.analysis.gate import LevelGate
from media_server.analysis.reorder import ReorderBuffer
from media_server.analysis.segmenter import Frame, Segmenter
from media_server.analysis.segments import Ended, Segment, Started
from media_server.analysis.settings import FRAME_MS, AnalysisSettings
from media_server.analysis.silero import Silero
from media_server.analysis.trace import Trace, frame_at
from media_server.analysis.vad import VoiceDetector
from media_server.opus import rests
from media_server.packet import AudioPacket
from pipeline.messages.audio_chunk import BYTES_PER_MS, SAMPLE_RATE

FRAME_BYTES = FRAME_MS * BYTES_PER_MS

LATE_S = 0.2
"""Sound without packets that comes so much later than it follows on the last does not: nothing was sent meanwhile."""
LATE_IN_SPEECH_S = 1.0
"""In an utterance it may be the network, for so long."""


def epoch_ms(monotonic: float) -> int:
    """Return the epoch milliseconds at which the monotonic clock (that of the event loop) showed these seconds."""
    return round((time.time() - time.monotonic() + monotonic) * 1000)


class Analyser:
    """Reorders, gates, decodes, judges and segments one speaker's packets. It may begin in mid-speech.

    Synchronous and cheap (some 0.1 ms a packet); runs on the event loop after the packet was forwarded. After an
    AnalysisError it is of no use any more; `close` still ends the open utterance.
    """

    def __init__(
        self, settings: AnalysisSettings, model: Silero | None, epoch_ms: Callable[[float], int] = epoch_ms
    ) -> None:
        self._settings = settings
        self._reorder = ReorderBuffer(settings.reorder_wait_ms)
        self._gate = LevelGate(
            level=settings.gate_level, hangover_ms=settings.gate_hangover_ms, keep_ms=settings.gate_keep_ms
        )
        self._decoder = Decoder()
        self._detector = VoiceDetector(settings, model)
        self._segmenter = Segmenter(settings, epoch_ms)
        # What this speaker said when, for those whose loudspeakers play it.
        self.trace = Trace()
        self.echo = EchoWatch()
        self._clock = StreamClock()
        # Sound that is not a whole frame yet, and where it ends in the stream, in samples.
        self._rest = b""
        self._position = 0
        # The newest packet said that its sender falls silent (DTX).
        self._rests = False
        self._muted = False
        # The newest frame, and the one with which the speech of the last utterance began.
        self._newest = 0
        self._speech_from = 0
        # Of sound without packets.
        self._burst = Burst()

    @property
    def silence_threshold_ms(self) -> float:
        """Silence that ends this speaker's utterances now."""
        return self._segmenter.silence_threshold_ms

    def push(self, packet: AudioPacket) -> list[Segment]:
        """Take a packet from the microphone.

        Raises:
            AnalysisError: most packets are corrupt, or the speech model fails.
        """
        if self._muted:
            return self._segmenter.tick(self._clock.arriving(packet.arrived))
        return self._hear(self._reorder.push(packet))

    def push_sound(self, pcm: bytes, arrived: float) -> list[Segment]:
        """Take sound that needs no decoding: 16 kHz mono s16le, up to 1 s, whose end is at this moment's.

        It follows on what was pushed before, unless that was longer ago than it lasts: then nothing was sent meanwhile.

        Raises:
            AnalysisError: the speech model fails.
        """
        if self._muted or not pcm:
            return self._segmenter.tick(self._clock.arriving(arrived))
        length_s = len(pcm) // 2 / SAMPLE_RATE
        self._burst.add(length_s, arrived)
        segments: list[Segment] = []
        late_s = arrived - self._clock.at(self._position / SAMPLE_RATE + length_s)
        if self._position and late_s > (LATE_IN_SPEECH_S if self._segmenter.is_open else LATE_S):
            segments += self._begin_anew()
        self._position += len(pcm) // 2
        self._clock.observe(self._position / SAMPLE_RATE, arrived)
        return segments + self._cut(pcm)

    def tick(self, now: float) -> list[Segment]:
        """Let time pass (monotonic seconds): give up holes, and take missing packets for silence.

        Call it every 20 to 50 ms while somebody may be speaking.

        Raises:
            AnalysisError: as `push`.
        """
        segments = self._hear(self._reorder.release(now)) if self._reorder.waits else []
        if self._segmenter.is_open:
            # Who sends a second at a time is missed only when the next one is late.
            newest = self._clock.arriving(now) - self._burst.length_s
            segments += self._without_echoes(
                self._segmenter.tick(newest, rests=self._rests and not self._reorder.waits)
            )
        return segments

    def mute(self, muted: bool) -> None:
        """Take everything from now on for silence, or no longer."""
        if muted != self._muted:
            self._muted = muted
            self._forget_stream()

    def close(self) -> list[Segment]:
        """End the open utterance. Idempotent; the analyser may be used again, and knows the speaker's pauses still."""
        segments = self._without_echoes(self._segmenter.close())
        self._forget_stream()
        return segments

    def reset(self) -> None:
        """As `close`, when nobody needs to hear of the open utterance's end."""
        self.close()

    def _forget_stream(self) -> None:
        """Take the next packet for a first one."""
        self._rests = False
        self._burst.reset()
        self._reorder.reset()
        self._gate.reset()
        self._decoder.restart()

    def _hear(self, packets: list[AudioPacket]) -> list[Segment]:
        segments: list[Segment] = []
        for ordered in packets:
            # An empty packet (padding) says nothing.
            self._rests = bool(ordered.payload) and rests(ordered.payload)
            for packet in self._gate.push(ordered):
                segments += self._decode(packet)
        return segments

    def _decode(self, packet: AudioPacket) -> list[Segment]:
        if self._gate.skipped:
            self._gate.skipped = False
            self._decoder.restart()
        decoded = self._decoder.decode(packet)
        segments: list[Segment] = []
        if decoded.skipped:
            segments += self._begin_anew()
        sound = decoded.pcm
        self._position += len(sound) // 2
        # A packet without sound (a corrupt one) has not brought the stream any further: its sound is missing still.
        if sound:
            self._clock.observe(self._position / SAMPLE_RATE, packet.arrived)
        return segments + self._cut(sound)

    def _begin_anew(self) -> list[Segment]:
        """End the open utterance: what comes next does not follow on it."""
        segments = self._without_echoes(self._segmenter.close())
        self._detector.reset()
        self._clock.reset()
        self._rest = b""
        self._position = 0
        return segments

    def _cut(self, sound: bytes) -> list[Segment]:
        """Judge and segment sound, which ends at the present position, in whole frames; what is less waits."""
        segments: list[Segment] = []
        if self._rest:
            sound = self._rest + sound
        whole = len(sound) - len(sound) % FRAME_BYTES
        first = self._position - len(sound) // 2
        for start in range(0, whole, FRAME_BYTES):
            pcm = sound[start : start + FRAME_BYTES]
            end = (first + (start + FRAME_BYTES) // 2) / SAMPLE_RATE
            segments += self._judge(pcm, self._clock.at(end))
        self._rest = sound[whole:]
        return segments

    def _judge(self, pcm: bytes, end: float) -> list[Segment]:
        """Take a frame that ended at a time (monotonic seconds); what is only an echo is no speech."""
        speech, level = self._detector.hear(pcm)
        frame = frame_at(end)
        self.trace.note(frame, pcm)
        self._newest = frame
        verdict = self.echo.judge(frame, pcm)
        discarded = self._discard() if verdict.learnt else []
        said = self._segmenter.push(Frame(pcm, speech and not verdict.echo, level, end))
        return discarded + self._without_echoes(said)

    def _discard(self) -> list[Segment]:
        """Give up the open utterance if it is the echo that has just become known."""
        settings = self._settings
        only_echo = self.echo.was_echo(self._speech_from)
        return self._segmenter.discard(
            settings.max_utterance_ms if only_echo else LEARNT_MS + settings.pre_speech_ms,
        )

    def _without_echoes(self, segments: list[Segment]) -> list[Segment]:
        """Void utterances of which it is plain, now that they are over, that they were only echoes."""
        found: list[Segment] = []
        for segment in segments:
            if isinstance(segment, Started):
                self._speech_from = self._newest - self._settings.min_speech_ms // FRAME_MS + 1
            echo = isinstance(segment, Ended) and not segment.void and self.echo.was_echo(self._speech_from)
            found.append(Ended(confirms=0, speech_end_ms=0, void=True) if echo else segment)
        return found


class Analysis:
    """Makes analysers that share one speech model."""

    def __init__(self, settings: AnalysisSettings, model: Silero | None) -> None:
        self.settings = settings
        self.model = model

    @classmethod
    def load(cls, settings: AnalysisSettings | None = None) -> "Analysis":
        """Load the model; without one, warn and go on with WebRTC VAD alone.

        Blocks for some 50 ms (more from a cold disk): call it once at the start, off the event loop.
        """
        analysis = cls(settings or AnalysisSettings(), silero.load())
        # The first decoder is slow to make: have it over with.
        analysis()
        return analysis

    def __call__(self) -> Analyser:
        """Return an analyser for one speaker."""
        return Analyser(self.settings, self.model)
