"""What a room has to say to people, in plain words. Pages may translate by the code."""

from media_server.events import Notice
from media_server.routing import NO_TRANSLATION, TRANSLATION_PAUSED

TRANSLATION_RESUMED = "translation_resumed"
AUTO_LANGUAGE = "auto_language"
REPLACED = "replaced"
MEDIA_LOST = "media_lost"

TEXTS = {
    NO_TRANSLATION: "Nothing here can translate this person into your language: you hear the original.",
    TRANSLATION_PAUSED: "This person's translation has stopped for now: you hear the original.",
    TRANSLATION_RESUMED: "This person is translated again.",
    AUTO_LANGUAGE: "Only one language can be recognised here, {language}: what you say is taken as that.",
    REPLACED: "You have joined again elsewhere: this connection has ended.",
    MEDIA_LOST: "The connection for sound was lost. Reconnect to hear and be heard again.",
}
"""Notice code -> plain English."""


def notice(code: str, speaker_id: str | None = None, **values: str) -> Notice:
    """Make the notice of a code; `values` fill in its text."""
    return Notice(code=code, text=TEXTS[code].format(**values), speaker_id=speaker_id)
