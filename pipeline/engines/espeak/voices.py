"""A voice of its own for everybody: espeak-ng's variants, and how high they speak."""

import hashlib
from typing import NamedTuple

# Those that are easy to understand: no whisper, croak or echo (m2 has one).
VARIANTS = ("m1", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5")
# espeak-ng's scale is 0 to 99, 50 a variant's own pitch. Steps of 6 are heard as another person, and go no further
# than people do.
PITCHES = (38, 44, 50, 56, 62)


class Voice(NamedTuple):
    """A variant of espeak-ng's, and its pitch."""

    variant: str
    pitch: int


def voice_of(seed: str) -> Voice:
    """Give whoever this is their voice: always the same, another person's likely another, one of 60."""
    drawn = int.from_bytes(hashlib.blake2b(seed.encode(errors="replace"), digest_size=8).digest(), "big")
    which, pitch = divmod(drawn, len(PITCHES))
    return Voice(VARIANTS[which % len(VARIANTS)], PITCHES[pitch])
