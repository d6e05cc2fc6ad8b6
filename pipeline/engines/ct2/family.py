"""The families of translation models: how each is recognised, and how its requests are written.

What each model wants is in CTranslate2's guide (opennmt.net/CTranslate2/guides/transformers.html: M2M-100, NLLB,
MarianMT, T5) and on the models' cards.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipeline.engines import codes
from pipeline.messages.language import UnknownLanguageError, normalise, reads

Family = Literal["nllb", "m2m100", "madlad", "opus"]

END = "</s>"
_MARKER: dict[Family, str] = {"nllb": "eng_Latn", "m2m100": "__en__", "madlad": "<2en>"}
_TARGET_TOKEN = re.compile(r">>([\w-]+)<<")
_MADLAD_TOKEN = re.compile(r"<2[\w-]+>")


class Written(NamedTuple):
    """One request as a model takes it."""

    tokens: list[str]
    # What its answer begins with, and does not count.
    prefix: list[str]


@dataclass(frozen=True)
class Tongues:
    """What a model's languages are, and what it calls them: tag -> token."""

    family: Family
    sources: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)

    def written(self, text: str, source: str, target: str, encode: Callable[[str], list[str]]) -> Written:
        """Write a request; `encode` cuts text into the model's pieces."""
        to = self.targets[target]
        if self.family == "madlad":
            # The token is found in the text, so nobody may say one.
            said = _MADLAD_TOKEN.sub(" ", text)
            tokens = encode(f"{to} {said}")
            # Unless its SentencePiece model knows them for control pieces, which no text has.
            return Written([*(tokens if to in tokens else [to, *encode(said)]), END], [])
        if self.family == "opus":
            return Written([*([to] if to else []), *encode(text), END], [])
        return Written([self.sources[source], *encode(text), END], [to])


def family_of(vocabulary: frozenset[str]) -> Family:
    """Say which family a model is of, by its words."""
    return next((family for family, marker in _MARKER.items() if marker in vocabulary), "opus")


def tongues_of_many(
    family: Family, vocabulary: frozenset[str], languages: Iterable[str], settings: tuple[str, ...] = ()
) -> Tongues:
    """Give the languages of a model of many: those that are wanted, have a code, and are in its vocabulary."""
    form = {"nllb": "{}", "m2m100": "__{}__", "madlad": "<2{}>"}[family]
    wanted = {normalise(tag) for tag in languages}
    tokens = {tag: form.format(own) for tag, own in codes.codes(family, settings).items() if tag in wanted}
    known = {tag: token for tag, token in tokens.items() if token in vocabulary}
    return Tongues(family, known, known)


def tongues_of_pair(source: str, target: str, settings: tuple[str, ...] = ()) -> Tongues:
    """Give the languages of an Opus-MT model of one pair, as its name calls them.

    Raises:
        UnknownLanguageError: one of them is none.
    """
    return Tongues("opus", {opus_tag(source, settings): ""}, {opus_tag(target, settings): ""})


def tongues_of_group(source: str, vocabulary: frozenset[str], languages: Iterable[str]) -> Tongues:
    """Give the languages of an Opus-MT model of several targets, which it has tokens for: >>spa<<, >>cmn_Hans<<."""
    wanted = {normalise(tag) for tag in languages}
    targets: dict[str, str] = {}
    for token in sorted(vocabulary):
        if found := _TARGET_TOKEN.fullmatch(token):
            tag = _tag(found[1].replace("_", "-"))
            closest = next((want for want in sorted(wanted) if tag and reads(want, tag)), None)
            if closest is not None:
                targets.setdefault(closest, token)
    return Tongues("opus", {opus_tag(source): ""}, targets)


def is_group(vocabulary: frozenset[str]) -> bool:
    """Whether an Opus-MT model has several targets."""
    return any(_TARGET_TOKEN.fullmatch(token) for token in vocabulary)


def opus_tag(code: str, settings: tuple[str, ...] = ()) -> str:
    """Give the tag of what Opus-MT calls a language. Raises UnknownLanguageError."""
    return codes.tag_of("opus", code, settings) or normalise(code)


def _tag(code: str) -> str:
    try:
        return normalise(code)
    except UnknownLanguageError:
        return ""
