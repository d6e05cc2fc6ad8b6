"""Whether somebody's translations may be spoken in their own voice, and the sound from which it is taken."""

import structlog

from media_server.announcer import Announce
from media_server.clock import Clock
from pipeline.messages import VoiceReference
from pipeline.messages.audio_chunk import BYTES_PER_MS
from pipeline.messages.voice_reference import LONGEST_MS

ENOUGH_MS = 6_000
"""So much of their speech is collected before it is sent: models want at least this (XTTS: 6 s)."""

_log = structlog.get_logger(__name__)


class OwnVoice:
    """Collects some seconds of a speaker's speech, if they consent, and sends it to the synthesizers once.

    Nothing is collected before they consent. When they take it back, leave, or the room ends, what was collected is
    dropped here and taken back there.
    """

    def __init__(self, room_id: str, speaker_id: str, announce: Announce, clock: Clock) -> None:
        self._room_id = room_id
        self._speaker_id = speaker_id
        self._announce = announce
        self._clock = clock
        self.consented = False
        # Speech so far, 16 kHz mono s16le; None once it was sent, or without consent.
        self._collected: bytearray | None = None
        self._sent = False
        # Epoch milliseconds.
        self._consented_at_ms = 0

    def consent(self, given: bool) -> None:
        """Take their word: from now on their voice may be used, or may not."""
        if given == self.consented:
            return
        self.consented = given
        _log.info(
            "own_voice_consented" if given else "own_voice_taken_back",
            room_id=self._room_id,
            participant_id=self._speaker_id,
        )
        if given:
            self._consented_at_ms = self._clock.epoch_ms()
            self._collected = bytearray()
        else:
            self._take_back()

    def hear(self, pcm: bytes) -> None:
        """Take a piece of their speech, 16 kHz mono s16le."""
        if self._collected is None:
            return
        self._collected += pcm
        if len(self._collected) >= ENOUGH_MS * BYTES_PER_MS:
            self._sent = True
            self._announce(
                VoiceReference(
                    room_id=self._room_id,
                    user_id=self._speaker_id,
                    payload=bytes(self._collected[: LONGEST_MS * BYTES_PER_MS]),
                    consented_at_ms=self._consented_at_ms,
                )
            )
            self._collected = None

    def close(self) -> None:
        """Take it back: they leave. Idempotent."""
        self.consented = False
        self._take_back()

    def _take_back(self) -> None:
        self._collected = None
        if self._sent:
            self._sent = False
            self._announce(VoiceReference(room_id=self._room_id, user_id=self._speaker_id, ended=True))
