"""Hearing: sound in, words out, while somebody still speaks."""

import re
from collections.abc import Iterable
from typing import Protocol

import msgspec

from pipeline.engines.engine import Engine


class Word(msgspec.Struct, frozen=True):
    """One word and the sound it was heard in, counted in ms from the first sample pushed."""

    text: str
    start_ms: int
    end_ms: int
    # 0 to 1; None where the engine does not say.
    confidence: float | None = None


# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Chinese and Japanese with their marks.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def text_of(words: Iterable[Word]) -> str:
    """Write words down as people do: with spaces between them, but none beside a script that has none."""
    text = ""
    for word in words:
        joint = text[-1:] and word.text and not _UNSPACED.match(text[-1]) and not _UNSPACED.match(word.text)
        text += f" {word.text}" if joint else word.text
    return text


class Hypothesis(msgspec.Struct, frozen=True):
    """All words of the session so far, as the engine would have them now; earlier ones may still change."""

    words: tuple[Word, ...]
    # The language heard, where the engine detects it; else the one the session was opened with.
    language: str
    # How sure the engine is of the language, 0 to 1; None where it does not say.
    language_probability: float | None = None
    # So many of the words never change any more; None where the engine does not say, and time must tell.
    stable: int | None = None

    @property
    def text(self) -> str:
        return text_of(self.words)


class Transcription(Protocol):
    """One utterance being heard. Calls never overlap. After `finish` or `abort` it is over."""

    async def push(self, pcm: bytes) -> Hypothesis:
        """Take more sound: 16 kHz mono s16le, any length. Returns the words so far, which may lag behind the sound."""
        ...

    async def peek(self) -> Hypothesis:
        """Say what `finish` would say now, and go on listening as if nothing had been asked."""
        ...

    async def finish(self) -> Hypothesis:
        """End the utterance: the final words."""
        ...

    async def abort(self) -> None:
        """Forget the utterance. Harmless after `finish` or another `abort`."""


class Transcriber(Engine, Protocol):
    """An engine that hears."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages it can be asked for, as normalised tags; `auto` among them if it detects the language."""
        ...

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Transcription:
        """Begin an utterance. `speaker` is any stable key for the voice and its microphone.

        Engines that adapt to a voice remember by it; the others ignore it. All who come without one count as one.
        `hints` are words to listen for, such as a room's glossary, the most important first; engines that cannot, or
        have no room for all of them, ignore them.

        Raises:
            UnsupportedLanguageError: not one of `languages`.
        """
        ...
