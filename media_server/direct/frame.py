"""A piece of one speaker's sound on its way to a client without WebRTC."""

from typing import Literal, NamedTuple

Kind = Literal["voice", "floor"]
"""Synthesized in the listener's language, or the speaker's own."""


class SoundFrame(NamedTuple):
    """What one message of sound holds; see the audio socket in signaling/PROTOCOL.md."""

    speaker_id: str
    kind: Kind
    # "" for a floor outside any utterance that is known.
    utterance_id: str
    # 1, 2, 3 ... of this speaker and kind.
    sequence: int
    # Of a voice; "" for a floor.
    language: str
    # Epoch milliseconds at which its first sample was played here.
    timestamp_ms: int
    # Nothing of the utterance follows.
    last: bool
    # Of a voice: epoch milliseconds at which the words of its clause had been spoken; 0 for a floor.
    ended_at_ms: int
    # How much of the clause's voice went before, in milliseconds.
    offset_ms: int
    # 16 kHz mono s16le, or one Opus packet; may be empty.
    sound: bytes
    duration_ms: int
