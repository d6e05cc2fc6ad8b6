"""Faster speech at the same pitch, for engines that know no speed of their own."""

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

SLOWEST, FASTEST = 0.5, 4.0
"""Beyond these nobody understands anything; FFmpeg's filter takes 0.5 to 100."""


class Tempo:
    """Takes and gives mono s16le of one sample rate, through FFmpeg's `atempo` (WSOLA): 2.5 ms of work per second.

    At 1.0 sound goes through untouched. It holds back some 80 ms, which `finish` gives.
    """

    def __init__(self, sample_rate: int, speed: float) -> None:
        """`speed`: 1.25 makes it a quarter faster; what is beyond `SLOWEST` and `FASTEST` counts as those."""
        self._sample_rate = sample_rate
        self._graph = None if speed == 1.0 else _graph(sample_rate, min(max(speed, SLOWEST), FASTEST))
        self._taken = 0

    def push(self, pcm: bytes) -> bytes:
        """Take some whole samples; give what is ready, which may be nothing."""
        if self._graph is None or not pcm:
            return pcm
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = self._sample_rate
        frame.pts = self._taken
        self._taken += frame.samples
        self._graph.push(frame)
        return b"".join(self._ready(self._graph))

    def finish(self) -> bytes:
        """Say that nothing follows; give the rest."""
        if self._graph is None or not self._taken:
            return b""
        self._graph.push(None)
        return b"".join(self._ready(self._graph))

    @staticmethod
    def _ready(graph: av.filter.Graph) -> Iterator[bytes]:
        while True:
            try:
                frame = graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            if isinstance(frame, av.AudioFrame):
                yield frame.to_ndarray().astype("<i2").tobytes()


def _graph(sample_rate: int, speed: float) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="mono", time_base=Fraction(1, sample_rate))
    tempo, sink = graph.add("atempo", f"{speed:.3f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    return graph
