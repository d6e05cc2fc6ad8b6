"""What a room has to say to people, in plain words. Pages may translate by the code."""

from media_server.events import Notice
from media_server.routing import NO_TRANSLATION, TRANSLATION_PAUSED

TRANSLATION_RESUMED = "translation_resumed"
AUTO_LANGUAGE = "auto_language"
REPLACED = "replaced"
MEDIA_LOST = "media_lost"
SERVER_STOPPING = "server_stopping"

TEXTS = {
    NO_TRANSLATION: "Nothing here can translate this person into your language: you hear the original.",
    TRANSLATION_PAUSED: "This person's translation has stopped for now: you hear the original.",
    TRANSLATION_RESUMED: "This person is translated again.",
    AUTO_LANGUAGE: "Only one language can be recognised here, {language}: what you say is taken as that.",
    REPLACED: "You have joined again elsewhere: this connection has ended.",
    SERVER_STOPPING: "The server is about to stop: what is being said now is still translated. Join again in a moment.",
    MEDIA_LOST: "The connection for sound was lost: make another offer to hear and be heard again.",
}
"""Notice code -> plain English."""


def notice(code: str, speaker_id: str | None = None, *, language: str | None = None) -> Notice:
    """Make the notice of a code, about a speaker or a language if its text is about one."""
    return Notice(code=code, text=TEXTS[code].format(language=language), speaker_id=speaker_id, language=language)
