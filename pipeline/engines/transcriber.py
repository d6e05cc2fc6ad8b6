"""Hearing: sound in, words out, while somebody still speaks."""

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
        return " ".join(word.text for word in self.words)


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

    async def open(self, language: str, speaker: str = "") -> Transcription:
        """Begin an utterance. `speaker` is any stable key for the voice and its microphone.

        Engines that adapt to a voice remember by it; the others ignore it. All who come without one count as one.

        Raises:
            UnsupportedLanguageError: not one of `languages`.
        """
        ...
