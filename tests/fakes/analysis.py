"""Analysis that follows a test's script, and an ingest that keeps what it is given."""

from media_server.analysis import AnalysisError
from media_server.analysis.echo_watch import EchoWatch
from media_server.analysis.segments import Ended, MaybeEnded, Resumed, Segment, Sound, Started
from media_server.analysis.trace import Trace
from media_server.packet import AudioPacket
from pipeline.messages import AudioChunk

PCM_100_MS = bytes(3200)


class ScriptedAnalyser:
    """Gives out what the test has put into `segments` with the next packet or tick; `breaks` makes it fail."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.packets: list[AudioPacket] = []
        # What was heard without packets.
        self.sounds: list[bytes] = []
        self.breaks = False
        self.trace = Trace()
        self.echo = EchoWatch()
        self.closes = 0
        self._open = False
        self._end_ms = 0

    def push(self, packet: AudioPacket) -> list[Segment]:
        self.packets.append(packet)
        return self._give()

    def push_sound(self, pcm: bytes, arrived: float) -> list[Segment]:
        self.sounds.append(pcm)
        return self._give()

    def tick(self, now: float) -> list[Segment]:
        return self._give()

    def close(self) -> list[Segment]:
        self.closes += 1
        return [Ended(confirms=0, speech_end_ms=self._end_ms)] if self._open else []

    # The script.

    def start(self, at_ms: int) -> None:
        self._open, self._end_ms = True, 0
        self.segments.append(Started(at_ms=at_ms))

    def sound(self, chunks: int = 1) -> None:
        for _ in range(chunks):
            self.segments.append(Sound(pcm=PCM_100_MS, start_ms=self._end_ms))
            self._end_ms += 100

    def maybe_end(self, revision: int) -> None:
        self.segments.append(MaybeEnded(revision=revision, speech_end_ms=self._end_ms))

    def resume(self, revision: int) -> None:
        self.segments.append(Resumed(revision=revision))

    def end(self, confirms: int = 0) -> None:
        self._open = False
        self.segments.append(Ended(confirms=confirms, speech_end_ms=self._end_ms))

    def _give(self) -> list[Segment]:
        if self.breaks:
            raise AnalysisError("as the test asked")
        segments, self.segments = self.segments, []
        return segments


class ScriptedAnalysis:
    """An AnalyserFactory that remembers what it made."""

    def __init__(self) -> None:
        self.made: list[ScriptedAnalyser] = []

    def __call__(self) -> ScriptedAnalyser:
        analyser = ScriptedAnalyser()
        self.made.append(analyser)
        return analyser


class KeptIngest:
    """Keeps the chunks it is offered."""

    def __init__(self) -> None:
        self.chunks: list[AudioChunk] = []

    def offer(self, chunk: AudioChunk) -> None:
        self.chunks.append(chunk)
