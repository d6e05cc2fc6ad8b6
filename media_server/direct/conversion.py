"""Sound of any rate and layout to 16 kHz mono s16le."""

import av
from av.audio.frame import AudioFrame
from av.filter import Graph

from pipeline.messages.audio_chunk import SAMPLE_RATE


class Conversion:
    """One stream, by FFmpeg's filters, on one thread; see `analysis.resampler` for why not `av.AudioResampler`.

    Stereo is mixed down. The first frame decides what goes in; frames follow on each other.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None

    def convert(self, frame: AudioFrame) -> bytes:
        """Give what comes of a frame; what the filter holds back (about 1 ms) comes with the next one.

        Raises:
            av.FFmpegError, ValueError: this frame is unlike the first, or like nothing known.
        """
        if self._graph is None:
            self._graph = _graph(frame)
        frame.pts = None
        self._graph.push(frame)
        pieces: list[bytes] = []
        while True:
            try:
                converted = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return b"".join(pieces)
            assert isinstance(converted, AudioFrame)  # noqa: S101 - what an abuffersink gives
            pieces.append(bytes(memoryview(converted.planes[0])[: converted.samples * 2]))


def _graph(frame: AudioFrame) -> Graph:
    graph = Graph()
    graph.threads = 1
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=None
    )
    shaped = graph.add("aformat", f"sample_fmts=s16:sample_rates={SAMPLE_RATE}:channel_layouts=mono")
    source.link_to(shaped)
    shaped.link_to(graph.add("abuffersink"))
    graph.configure()
    return graph
