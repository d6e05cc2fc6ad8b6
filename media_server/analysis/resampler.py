"""48 kHz to 16 kHz."""

import av
from av.audio.frame import AudioFrame
from av.filter import Graph

from media_server.packet import CLOCK_RATE
from pipeline.messages.audio_chunk import SAMPLE_RATE


class Resampler:
    """Mono s16le from 48 to 16 kHz by FFmpeg. What it swallows at the start is made up for with silence, once.

    `av.AudioResampler` does the same at twice the cost (it asks for output until there is an error; here, one frame in
    is one frame out), and starts a thread for every core and speaker.
    """

    def __init__(self) -> None:
        graph = Graph()
        graph.threads = 1
        self._source = graph.add(
            "abuffer",
            sample_rate=str(CLOCK_RATE),
            sample_fmt="s16",
            channel_layout="mono",
            time_base=f"1/{CLOCK_RATE}",
        )
        resample = graph.add("aresample", str(SAMPLE_RATE))
        self._sink = graph.add("abuffersink")
        self._source.link_to(resample)
        resample.link_to(self._sink)
        graph.configure()
        # The filters live as long as their graph.
        self._graph = graph
        self._primed = False

    def resample(self, frames: list[AudioFrame]) -> bytes:
        """Resample frames that follow on each other, and on those of the last call."""
        pieces: list[bytes] = []
        for frame in frames:
            frame.pts = None
            self._source.push(frame)
            piece = self._pull()
            if not self._primed:
                self._primed = True
                pieces.append(bytes(max(0, frame.samples * SAMPLE_RATE // CLOCK_RATE * 2 - len(piece))))
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _pull(self) -> bytes:
        try:
            frame = self._sink.pull()
        except av.BlockingIOError:  # a first frame that is shorter than the filter
            return b""
        assert isinstance(frame, AudioFrame)  # noqa: S101 - what an abuffersink gives
        # A frame's plane may be larger than its samples.
        return bytes(memoryview(frame.planes[0])[: frame.samples * 2])
