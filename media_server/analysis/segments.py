"""What the segmenter says: the life of utterances, in order. Times are ms counted from the utterance's first sample."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """An utterance began; what was heard just before the speech (the pre-speech buffer) belongs to it."""

    # Epoch milliseconds of its first sample.
    at_ms: int


@dataclass(frozen=True, slots=True)
class Sound:
    """16 kHz mono s16le of the utterance, without holes or overlaps between one Sound and the next."""

    pcm: bytes
    start_ms: int


@dataclass(frozen=True, slots=True)
class MaybeEnded:
    """Silence for so long that it may be the end. All the sound up to here has been given out."""

    # 1, 2, 3 ... within the utterance.
    revision: int
    speech_end_ms: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Speech went on after all: that revision is void."""

    revision: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over."""

    # The MaybeEnded after which only silence came; 0 if there is none (cut at the maximum, or the microphone left).
    confirms: int
    speech_end_ms: int
    # It was no speech of this speaker's, but an echo.
    void: bool = False


Segment = Started | Sound | MaybeEnded | Resumed | Ended
