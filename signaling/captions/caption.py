"""Which caption whom: pure choice, without sockets or clocks."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from media_server.events import Event
from pipeline.messages import Transcript, Translation
from pipeline.messages.language import hears, reads

Text = Transcript | Translation
"""What a caption can be made of."""

CanTranslate = Callable[[str, str], bool]
"""Whether speech in one language (first) can be had in another (second) now."""


class Caption(Event, frozen=True, kw_only=True, tag="caption"):
    """What a page shows. A later one with the same utterance and clause takes its place.

    Final and without text: nothing was said there after all; what was shown is taken away.
    """

    event: Literal["caption"] = "caption"
    speaker_id: str
    # Of `text`. The reader's own, or the one spoken where there is no translation.
    language: str
    text: str
    is_final: bool
    # Epoch milliseconds of the end of the sound it stands for.
    timestamp_ms: int
    utterance_id: str
    clause: int
    # What was said, as recognised; the same as `text` if nothing was translated.
    source_text: str
    source_language: str
    # Of the text it was made of: grows while recognition reconsiders how the clause ends.
    revision: int = 0
    # What the speaker is called, if that is known.
    speaker_name: str | None = None
    # Of a final one: who has come so far can go on behind it (`Last-Event-ID`, `after`).
    cursor: str | None = None


class Reader(NamedTuple):
    """Somebody who is shown captions."""

    # None: not a participant, as on the captions socket.
    participant_id: str | None
    # None: every language.
    language: str | None
    # False: only what was recognised; with a language, only what was said in it.
    translated: bool = True
    # False: only what is final.
    interim: bool = True
    # The languages in which they may read at all; None: any.
    languages: frozenset[str] | None = None

    def may_read(self, language: str) -> bool:
        """Whether they may be shown text in a language."""
        return self.languages is None or any(reads(each, language) for each in self.languages)


def choose(reader: Reader, text: Text, can_translate: CanTranslate) -> Caption | None:
    """Give the caption that a reader is to see of a text; None if it is not for them.

    - The speaker sees what was recognised of them, never a translation of it.
    - Whoever understands the language spoken sees what was recognised.
    - Everybody else sees the translation that they can read, or what was recognised if there is none: because the
      translation was skipped, because nothing here can make it, or because nobody asked for it when it was said (a text
      that was aimed at a language has a translation or a skipped one, whatever was listened to since).
    - Who wants no translations sees what was recognised; who reads all languages, those that they may read.
    """
    if not _is_for(reader, text, can_translate):
        return None
    caption = _caption(text)
    return caption if reader.language is not None or reader.may_read(caption.language) else None


def _is_for(reader: Reader, text: Text, can_translate: CanTranslate) -> bool:
    if not (text.is_final or reader.interim):
        return False
    is_speaker = reader.participant_id == text.user_id
    if not reader.translated:
        return isinstance(text, Transcript) and (reader.language is None or hears(reader.language, text.language))
    if isinstance(text, Transcript):
        return reader.language is None or is_speaker or _gets_transcript(reader.language, text, can_translate)
    return not is_speaker and (reader.language is None or reads(reader.language, text.language))


def _gets_transcript(language: str, transcript: Transcript, can_translate: CanTranslate) -> bool:
    spoken = transcript.language
    # Nothing is translated into the language spoken, so whoever hears it reads it, whatever the script.
    if hears(language, spoken) or not can_translate(spoken, language):
        return True
    return not any(reads(language, target.language) for target in transcript.targets)


def _caption(text: Text) -> Caption:
    source_text, source_language = text.payload, text.language
    shown, language = text.payload, text.language
    if isinstance(text, Translation):
        source_text, source_language = text.source_text, text.source_language
        if text.skipped:
            shown, language = source_text, source_language
    return Caption(
        speaker_id=text.user_id,
        language=language,
        text=shown,
        is_final=text.is_final,
        timestamp_ms=text.ended_at_ms or text.times.captured_at_ms or 0,
        utterance_id=text.utterance_id,
        clause=text.clause,
        source_text=source_text,
        source_language=source_language,
        revision=text.revision,
    )
