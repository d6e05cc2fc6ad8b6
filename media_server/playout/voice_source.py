"""A voice as a source of packets, numbered like a microphone's."""

from itertools import count

from media_server.fan_out import FanOut
from media_server.packet import CLOCK_RATE, AudioPacket, VoiceOrigin
from pipeline.messages.speech import PACKET_MS

PACKET_SAMPLES = CLOCK_RATE * PACKET_MS // 1_000

_numbers = count()


class VoiceSource:
    """One speaker's voice in one language: gives each 20 ms packet its numbers."""

    def __init__(self, speaker_id: str, language: str) -> None:
        # Unlike any other source in this process: outlets tell late packets by source and number.
        self.name = f"voice:{speaker_id}:{language}:{next(_numbers)}"
        # Where its packets go.
        self.fan_out = FanOut()
        self._sequence_number = 0
        self._timestamp = 0

    def packet(self, payload: bytes, now: float, origin: VoiceOrigin | None = None) -> AudioPacket:
        """Give a payload of the clause `origin` its numbers; it is sent at `now` (monotonic seconds)."""
        self._sequence_number = (self._sequence_number + 1) & 0xFFFF
        self._timestamp = (self._timestamp + PACKET_SAMPLES) & 0xFFFFFFFF
        return AudioPacket(self._sequence_number, self._timestamp, payload, None, None, now, origin)
