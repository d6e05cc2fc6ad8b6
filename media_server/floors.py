"""Where the originals of one room go: who sounds, who has a slot with whom, who is shown as talking."""

from collections.abc import Mapping

from media_server.active_speakers import ActiveSpeakers
from media_server.clock import Clock
from media_server.events import Speaking
from media_server.participant import Participant
from media_server.settings import MediaSettings
from media_server.slots import SILENCE_DB


class Floors:
    """Keeps every speaker's outlets in line with their listeners' slots, so that forwarding is one plain loop."""

    def __init__(self, members: Mapping[str, Participant], settings: MediaSettings, clock: Clock) -> None:
        """`members` is the room's own mapping: who is in it is in the room."""
        self._members = members
        self._clock = clock
        self._active = ActiveSpeakers(settings.speaking_interval_ms / 1_000)

    def seat(self, silenced: str | None = None) -> None:
        """Bring all slots up to date with who sounds and what is due; `silenced` loses theirs at once."""
        now = self._clock.now()
        loudness: dict[str, float] = {}
        for speaker_id, member in self._members.items():
            level = member.speaker.meter.loudness(now)
            if level is not None:
                loudness[speaker_id] = level
        changed: set[str] = set()
        for member in self._members.values():
            changed |= member.listener.seat(loudness, silenced)
        for speaker_id in changed:
            self._connect(speaker_id)

    def reconnect(self) -> None:
        """Compute every speaker's outlets anew: somebody's outlets are others, or gone."""
        self.seat()
        for speaker_id in self._members:
            self._connect(speaker_id)

    def speaking(self) -> Speaking | None:
        """Say who is talking, if the room is to be told."""
        now = self._clock.now()
        talking: dict[str, float] = {}
        for speaker_id, member in self._members.items():
            if member.speaker.meter.talking(now):
                loudness = member.speaker.meter.loudness(now)
                talking[speaker_id] = SILENCE_DB if loudness is None else loudness
        speaker_ids = self._active.update(talking, now)
        return None if speaker_ids is None else Speaking(speaker_ids=speaker_ids)

    def still_speaking(self) -> Speaking | None:
        """Say whom the room was last told of as talking, for who was not there yet; None if nobody is."""
        speaker_ids = tuple(speaker_id for speaker_id in self._active.told if speaker_id in self._members)
        return Speaking(speaker_ids=speaker_ids) if speaker_ids else None

    def _connect(self, speaker_id: str) -> None:
        member = self._members.get(speaker_id)
        if member is not None:
            outlets = (other.listener.floor_outlet(speaker_id) for other in self._members.values())
            member.speaker.outlets = tuple(outlet for outlet in outlets if outlet is not None)
