"""What can be wrong with the sound that a client sends.

SoundError
├── BadSoundError       this message, or the whole stream, is not what it was said to be
└── TooFarAheadError    more of a stream came at once than is kept
"""


class SoundError(Exception):
    """Sound that cannot be used; the message says why, in words for the client."""


class BadSoundError(SoundError):
    """Not what it was said to be."""


class TooFarAheadError(SoundError):
    """More came at once than is kept."""
