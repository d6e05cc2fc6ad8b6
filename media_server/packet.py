"""One Opus packet on its way from a source to the listeners."""

from typing import NamedTuple

CLOCK_RATE = 48_000
"""RTP clock of Opus in hertz, whatever the sound's own sample rate (RFC 7587 section 4.1)."""


class VoiceOrigin(NamedTuple):
    """Which clause a packet of a voice says."""

    utterance_id: str
    # Epoch milliseconds at which the clause's words had been spoken.
    ended_at_ms: int
    # That of the voice.
    language: str


class AudioPacket(NamedTuple):
    """An encoded 20 ms (or so) of sound, from a microphone or a synthesizer; never decoded to be forwarded."""

    sequence_number: int  # 16 bits, the source's own numbering: holes are losses
    timestamp: int  # 32 bits, RTP clock, the source's own origin
    payload: bytes
    # The sender's own level in -dBov, 0 (loudest) to 127 (silence), and its voice activity bit (RFC 6464), if it sent
    # them.
    level: int | None
    voice: bool | None
    # Loop time (monotonic seconds) at which the node got hold of it.
    arrived: float
    # Of a voice; None for what people themselves send.
    origin: VoiceOrigin | None = None
