"""Which caption whom: pure choice, without sockets or clocks."""

from collections import OrderedDict
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


class Reader(NamedTuple):
    """Somebody who is shown captions."""

    # None: not a participant, as on the captions socket.
    participant_id: str | None
    # None: every language.
    language: str | None


def choose(reader: Reader, text: Text, can_translate: CanTranslate) -> Caption | None:
    """Give the caption that a reader is to see of a text; None if it is not for them.

    - The speaker sees what was recognised of them, never a translation of it.
    - Whoever understands the language spoken sees what was recognised.
    - Everybody else sees the translation that they can read, or what was recognised if there is none: because the
      translation was skipped, because nothing here can make it, or because nobody asked for it when it was said (a text
      that was aimed at a language has a translation or a skipped one, whatever was listened to since).
    """
    is_speaker = reader.participant_id == text.user_id
    if isinstance(text, Transcript):
        wanted = reader.language is None or is_speaker or _gets_transcript(reader.language, text, can_translate)
    else:
        wanted = not is_speaker and (reader.language is None or reads(reader.language, text.language))
    return _caption(text) if wanted else None


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
    )


class _Clause:
    """What is known for good of one clause."""

    def __init__(self) -> None:
        self.transcript: Transcript | None = None
        self.translations: dict[str, Translation] = {}
        # Epoch milliseconds of the end of its sound.
        self.ended_at_ms = 0

    def known(self, text: Text) -> Text | None:
        return self.transcript if isinstance(text, Transcript) else self.translations.get(text.language)

    def keep(self, text: Text) -> None:
        self.ended_at_ms = text.ended_at_ms
        if isinstance(text, Transcript):
            self.transcript = text
        else:
            self.translations[text.language] = text

    def chosen(self, reader: Reader, can_translate: CanTranslate) -> list[Caption]:
        """Give what a late reader sees of it; what is still on its way to them comes as news."""
        texts: list[Text] = [*self.translations.values()]
        if self.transcript is not None:
            texts.insert(0, self.transcript)
        captions = [caption for text in texts if (caption := choose(reader, text, can_translate))]
        return [caption for caption in captions if caption.text]


class RoomCaptions:
    """The captions of one room: what is still news, and the last committed clauses for late joiners.

    Holds `history` clauses; when full, the oldest goes. What is replayed takes the place that it had when it was said.
    """

    def __init__(self, history: int) -> None:
        self._history = history
        self._clauses: OrderedDict[tuple[str, int], _Clause] = OrderedDict()

    def take(self, text: Text) -> bool:
        """Say whether a text is news, and remember it if it is final.

        A clause that is committed stays: what comes after is a duplicate, or interim text that was overtaken. Only a
        real text takes the place of one that was skipped.
        """
        clause = self._clauses.get((text.utterance_id, text.clause))
        known = clause.known(text) if clause else None
        if known is not None and not (known.skipped and text.is_final and not text.skipped):
            return False
        if text.is_final and (text.payload or text.skipped):
            self._keep(text)
        return True

    def _keep(self, text: Text) -> None:
        self._clauses.setdefault((text.utterance_id, text.clause), _Clause()).keep(text)
        if text.purpose != "live":
            self._clauses = OrderedDict(sorted(self._clauses.items(), key=lambda known: known[1].ended_at_ms))
        while len(self._clauses) > self._history:
            self._clauses.popitem(last=False)

    def replay(self, reader: Reader, can_translate: CanTranslate) -> list[Caption]:
        """Give the remembered captions for somebody who comes late, oldest first."""
        return [caption for clause in self._clauses.values() for caption in clause.chosen(reader, can_translate)]
