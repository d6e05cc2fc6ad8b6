"""One utterance while it is open: its sound that has not been given out yet, and where its speech is."""

from collections import deque

from media_server.analysis.segments import Sound
from media_server.analysis.settings import FRAME_MS
from pipeline.messages.audio_chunk import BYTES_PER_MS

LEVELS = 50
"""Frames (1 s) whose levels are remembered, to find the quietest one."""


class Utterance:
    """Sound in, chunks out. All positions are ms from the utterance's first sample; `at_ms` is that in epoch ms."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms
        # Where the sound taken ends, and where the speech in it does.
        self.length_ms = 0
        self.speech_end_ms = 0
        # How many times it may have ended, and whether only silence has come since the last time.
        self.revision = 0
        self.maybe_ended = False
        # Speech at the very end without a break: after a pause, too little of it changes nothing yet.
        self.run_ms = 0
        self._pcm = bytearray()
        self._levels: deque[float] = deque(maxlen=LEVELS)

    @property
    def silence_ms(self) -> int:
        """Silence at the end."""
        return self.length_ms - self.speech_end_ms

    @property
    def given_ms(self) -> int:
        """Where the sound given out ends."""
        return self.length_ms - len(self._pcm) // BYTES_PER_MS

    def add(self, pcm: bytes, level: float) -> None:
        """Take the next frame."""
        self._pcm += pcm
        self._levels.append(level)
        self.length_ms += len(pcm) // BYTES_PER_MS

    def give(self, chunk_ms: int, *, everything: bool = False) -> list[Sound]:
        """Give out whole chunks; with `everything`, the remainder too."""
        sounds: list[Sound] = []
        size = chunk_ms * BYTES_PER_MS
        while len(self._pcm) >= size or (everything and self._pcm):
            sounds.append(Sound(bytes(self._pcm[:size]), self.given_ms))
            del self._pcm[:size]
        return sounds

    def split(self) -> "Utterance":
        """Cut behind the quietest frame that was not given out, and return what follows as a new utterance."""
        held = (self.length_ms - self.given_ms) // FRAME_MS
        levels = list(self._levels)[-held:] if held else []
        behind = len(levels) - 1 - levels.index(min(levels)) if levels else 0
        rest = Utterance(self.at_ms + self.length_ms - behind * FRAME_MS)
        size = behind * FRAME_MS * BYTES_PER_MS
        rest._pcm = self._pcm[len(self._pcm) - size :]
        rest._levels.extend(levels[len(levels) - behind :])
        rest.length_ms = rest.speech_end_ms = behind * FRAME_MS
        del self._pcm[len(self._pcm) - size :]
        self.length_ms -= rest.length_ms
        self.speech_end_ms = min(self.speech_end_ms, self.length_ms)
        return rest
