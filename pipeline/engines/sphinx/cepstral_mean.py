"""What a voice, its microphone and its room do to the spectrum on average: what recognition has to subtract.

pocketsphinx begins each session with a mean that fits nobody (or, left alone, whoever spoke last) and adapts slowly:
its guess weighs as much as 500 frames. Measured on five LibriVox sentences, 71 words: with the model's own mean 0.32 of
the words are wrong, with each sentence's true mean 0.21, with that of the other four 0.24, with that of the sentence's
first 1.5 s, decoded again from its start, 0.27; moving the mean within a session gains nothing.
"""

from collections import OrderedDict
from typing import NamedTuple

PRIOR_FRAMES = 500
"""How many frames the mean that a session began with counts for in what the decoder reports (CMN_WIN in cmn.h)."""
LEAST_FRAMES = 100
"""A session shorter than this (1 s) says too little about a voice to be remembered."""
MEMORY_FRAMES = 2_000
"""What is remembered counts at most as this many frames (20 s), so that a new microphone is soon believed."""
VOICES = 1_000
"""Voices remembered; one more, and the one unheard for longest is forgotten."""


class CepstralMean(NamedTuple):
    """A mean of cepstra, and the number of 10 ms frames it was taken over."""

    values: tuple[float, ...]
    frames: int

    @classmethod
    def parse(cls, text: str, frames: int = 0) -> "CepstralMean":
        """Read the decoder's comma-separated form."""
        return cls(tuple(float(value) for value in text.split(",")), frames)

    def __str__(self) -> str:
        return ",".join(f"{value:.5f}" for value in self.values)

    def without(self, prior: "CepstralMean") -> "CepstralMean":
        """Take a session's first guess out of what the decoder reports after `frames`: the sound's own mean."""
        if not self.frames:
            return prior._replace(frames=0)
        whole, share = PRIOR_FRAMES + self.frames, PRIOR_FRAMES
        values = ((a * whole - b * share) / self.frames for a, b in zip(self.values, prior.values, strict=True))
        return CepstralMean(tuple(values), self.frames)

    def and_also(self, other: "CepstralMean") -> "CepstralMean":
        """Give the mean of both, each weighing by its frames, itself at most `MEMORY_FRAMES`."""
        mine, theirs = min(self.frames, MEMORY_FRAMES), other.frames
        if not mine + theirs:
            return self
        values = ((a * mine + b * theirs) / (mine + theirs) for a, b in zip(self.values, other.values, strict=True))
        return CepstralMean(tuple(values), mine + theirs)


class VoiceMemory:
    """The means of the voices heard lately."""

    def __init__(self) -> None:
        self._means: OrderedDict[str, CepstralMean] = OrderedDict()

    def recall(self, speaker: str) -> CepstralMean | None:
        """Give what is known of a voice, or None."""
        return self._means.get(speaker)

    def learn(self, speaker: str, heard: CepstralMean) -> None:
        """Add what one session told; too short a one tells nothing."""
        if heard.frames < LEAST_FRAMES:
            return
        known = self._means.get(speaker)
        self._means[speaker] = known.and_also(heard) if known else heard
        self._means.move_to_end(speaker)
        if len(self._means) > VOICES:
            self._means.popitem(last=False)
