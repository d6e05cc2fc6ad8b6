"""Translating: one clause in, the same clause in another language out."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pipeline.engines.engine import Engine


class TranslationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One clause to translate. Both languages are normalised tags."""

    text: str
    source: str
    target: str
    # The same speaker's clauses before it, oldest first, in the source language; engines that can, use them.
    context: tuple[str, ...] = ()
    # The room's own renderings: term in the source language -> term in the target language.
    glossary: Mapping[str, str] = msgspec.field(default_factory=dict)
    # How people are addressed: `default`, `more` or `less` formal.
    formality: str = "default"
    # Whose room it is, for what is remembered by room.
    room_id: str = ""


class Translator(Engine, Protocol):
    """An engine that translates. Calls may overlap up to `info.concurrency`."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(source, target) as normalised tags: all it can do on this machine, pivots included."""
        ...

    async def translate(self, request: TranslationRequest) -> str:
        """Translate one clause. Empty text gives empty text.

        Raises:
            UnsupportedLanguageError: not one of `pairs`.
        """
        ...
