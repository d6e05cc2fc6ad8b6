"""What all audio sockets of an application share."""

from weakref import WeakKeyDictionary

from aiohttp import web

from media_server.direct.decoders import SharedDecoders
from signaling.audio.settings import AudioSettings
from signaling.presence import Presence


class AudioHall:
    """Decoders, how many streams are read, and which participants are there by an audio socket alone."""

    def __init__(self, settings: AudioSettings) -> None:
        self.settings = settings
        self.decoders = SharedDecoders()
        # Containers (WAV, WebM, Ogg) that are read now.
        self.containers = 0
        # Participants who came by an audio socket -> the page that they then were.
        self._own: WeakKeyDictionary[Presence, str] = WeakKeyDictionary()

    def claim(self, presence: Presence) -> None:
        """Note that an audio socket is this participant now."""
        self._own[presence] = presence.page_id

    def owns(self, presence: Presence) -> bool:
        """Whether an audio socket is, or was, this participant, and no page has taken over since."""
        return self._own.get(presence) == presence.page_id


HALL = web.AppKey("AUDIO_HALL", AudioHall)
