"""What fits its schema and still cannot be: numbers below zero, languages that are none."""

from collections.abc import Iterator

from pipeline.messages.audio_chunk import AudioChunk
from pipeline.messages.base import Message, Said
from pipeline.messages.language import UnknownLanguageError, normalise_spoken
from pipeline.messages.speech import Speech
from pipeline.messages.transcript import Transcript
from pipeline.messages.translation import Translation

# What counts from zero on, in whichever message has it.
_COUNTS = ("sequence_number", "start_ms", "end_ms", "clause", "revision", "index", "maybe_last", "confirms")


def fault_of(message: Message) -> str | None:
    """Say for people what is wrong with a message; None if nothing is. It tells nothing of what was in it."""
    if not isinstance(message, Said):
        return None
    for name in _COUNTS:
        if getattr(message, name, 0) < 0:
            return f"{name} is negative"
    if not (message.room_id and message.user_id and message.utterance_id):
        return "it is nobody's"
    try:
        for language in _languages(message):
            normalise_spoken(language)
    except UnknownLanguageError:
        return "its language is none"
    return None


def _languages(message: Said) -> Iterator[str]:
    if isinstance(message, AudioChunk | Transcript):
        yield from (target.language for target in message.targets)
    if isinstance(message, AudioChunk | Transcript | Translation | Speech):
        yield message.language
    if isinstance(message, Translation):
        yield message.source_language
