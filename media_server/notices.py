"""What a room has to say to people, in plain words. Pages may translate by the code."""

from media_server.events import Notice
from media_server.routing import NO_TRANSLATION, TRANSLATION_PAUSED
from media_server.stand_in import StandIn
from pipeline.messages import Stage

TRANSLATION_RESUMED = "translation_resumed"
AUTO_LANGUAGE = "auto_language"
REPLACED = "replaced"
MEDIA_LOST = "media_lost"
SOUND_ELSEWHERE = "sound_elsewhere"
SERVER_STOPPING = "server_stopping"
MUTED_BY_HOST = "muted_by_host"
ENGINE_CHANGED = "engine_changed"
ENGINE_RESTORED = "engine_restored"

TEXTS = {
    NO_TRANSLATION: "Nothing here can translate this person into your language: you hear the original.",
    TRANSLATION_PAUSED: "This person's translation has stopped for now: you hear the original.",
    TRANSLATION_RESUMED: "This person is translated again.",
    AUTO_LANGUAGE: "Only one language can be recognised here, {language}: what you say is taken as that.",
    REPLACED: "You have joined again elsewhere: this connection has ended.",
    SERVER_STOPPING: "The server is about to stop: what is being said now is still translated. Join again in a moment.",
    MUTED_BY_HOST: "A host has switched your microphone off. Switch it on again when it is your turn.",
    SOUND_ELSEWHERE: "Your sound comes and goes by another connection of yours now: this one has ended.",
    MEDIA_LOST: "The connection for sound was lost: make another offer to hear and be heard again.",
}
"""Notice code -> plain English."""

ENGINE_TEXTS: dict[tuple[str, Stage], str] = {
    (ENGINE_CHANGED, "recognition"): "Another engine than usual recognises {0} for now: expect more mistakes.",
    (ENGINE_CHANGED, "translation"): "Another engine than usual translates {0} to {1} for now: expect more mistakes.",
    (ENGINE_CHANGED, "synthesis"): "Another engine than usual speaks {0} for now: voices sound different.",
    (ENGINE_RESTORED, "recognition"): "The usual engine recognises {0} again.",
    (ENGINE_RESTORED, "translation"): "The usual engine translates {0} to {1} again.",
    (ENGINE_RESTORED, "synthesis"): "The usual engine speaks {0} again.",
}
"""Notice code and stage -> plain English about languages."""


def notice(code: str, speaker_id: str | None = None, *, language: str | None = None) -> Notice:
    """Make the notice of a code, about a speaker or a language if its text is about one."""
    return Notice(code=code, text=TEXTS[code].format(language=language), speaker_id=speaker_id, language=language)


def engine_notice(code: str, about: StandIn) -> Notice:
    """Make a notice about engines: that another one stands in, or that the usual one is back."""
    text = ENGINE_TEXTS[code, about.stage].format(*about.languages)
    return Notice(code=code, text=text, stage=about.stage, languages=about.languages)
