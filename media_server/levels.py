"""How loud somebody is, from the levels that come with their packets. Pure."""

from media_server.opus import rests
from media_server.packet import AudioPacket
from media_server.settings import MediaSettings

SILENT = 127
"""-dBov of digital silence (RFC 6464)."""
ASSUMED = 40
"""-dBov taken for a packet whose sender tells no level."""
ATTACK, RELEASE = 0.5, 0.1
"""How far a packet of 20 ms pulls the smoothed level, upwards and downwards."""
GAP_S = 0.2
"""Without packets for so long somebody is silent."""


class LevelMeter:
    """One speaker's loudness, smoothed. Times are monotonic seconds."""

    def __init__(self, settings: MediaSettings) -> None:
        self._sound_level = settings.sound_level
        self._talk_db = -settings.talk_level
        self._quiet_db = -settings.quiet_level
        self._hold_s = settings.talk_hold_ms / 1_000
        self._db = -float(SILENT)
        self._packet_at = float("-inf")
        self._loud_at = float("-inf")
        self._talking = False
        # When a packet last carried sound.
        self.sound_at = float("-inf")

    def heard(self, packet: AudioPacket) -> bool:
        """Take a packet; say whether it carries sound."""
        level = packet.level
        if level is None:
            level = SILENT if rests(packet.payload) else ASSUMED
        return self.note(level, packet.arrived)

    def note(self, level: int, now: float) -> bool:
        """Take the level (-dBov) of 20 ms of sound; say whether there is any in them."""
        self._packet_at = now
        self._db += (-level - self._db) * (ATTACK if -level > self._db else RELEASE)
        if self._db >= self._talk_db:
            self._talking = True
        if self._db >= self._quiet_db:
            self._loud_at = now
        # The voice bit says nothing: Chromium sets it on digital silence while its own processing is off.
        if level < self._sound_level:
            self.sound_at = now
            return True
        return False

    def loudness(self, now: float) -> float | None:
        """Give the level in dB (0 is loudest) of somebody who sounds now; None if they do not."""
        return self._db if now - self.sound_at <= GAP_S else None

    def talking(self, now: float) -> bool:
        """Whether to show them as talking, with hysteresis."""
        if now - self._packet_at > self._hold_s or now - self._loud_at > self._hold_s:
            self._talking = False
        return self._talking

    def reset(self) -> None:
        """Forget what was heard: the microphone is off."""
        self._db = -float(SILENT)
        self._talking = False
        self.sound_at = self._loud_at = self._packet_at = float("-inf")
