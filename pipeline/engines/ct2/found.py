"""Which models are in a folder, and what they can do: read from their files, without loading them."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from pipeline.engines.ct2.family import (
    Tongues,
    family_of,
    is_group,
    tongues_of_group,
    tongues_of_many,
    tongues_of_pair,
)
from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.messages.language import UnknownLanguageError, hears

BESIDE = "parley.toml"
"""In a model's folder, what its files do not say: `source`, `target` of an Opus-MT model, and `licence`."""

# opus-mt-en-es, opus-mt-tc-big-en-es, en-es, opus-mt-en-es-ct2; and codes of groups, as in opus-mt-en-ROMANCE.
_PAIR = re.compile(r"^(?:opus-mt-)?(?:tc-[a-z]+-)?(?P<source>[A-Za-z]{2,8})-(?P<target>[A-Za-z]{2,8})(?:-ct2.*)?$")
_VOCABULARIES = ("shared_vocabulary", "source_vocabulary")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FoundModel:
    """One model's folder."""

    folder: Path
    tongues: Tongues
    # SentencePiece's files for either side.
    source_pieces: Path
    target_pieces: Path
    # Whether the model adds the end of a sentence itself (its config's `add_source_eos`).
    adds_end: bool = False
    licence: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """All that it translates."""
        return frozenset(
            (source, target)
            for source in self.tongues.sources
            for target in self.tongues.targets
            if not hears(target, source)
        )


def find_models(folder: Path, options: CTranslate2Options) -> list[FoundModel]:
    """Find the model that a folder is, or those that are in it, by name. What cannot be used is said in the log."""
    if (folder / "model.bin").is_file():
        folders = [folder]
    else:
        folders = sorted(path.parent for path in folder.glob("*/model.bin"))
    found = []
    for each in folders:
        pieces = _pieces(each)
        if pieces is None:
            continue  # another engine's model
        try:
            found.append(_model(each, pieces, options))
        except (OSError, ValueError, KeyError) as error:
            log.warning("translation_model_unusable", model=each.name, error=type(error).__name__)
    return found


def _model(folder: Path, pieces: tuple[Path, Path], options: CTranslate2Options) -> FoundModel:
    beside = _read_toml(folder / BESIDE)
    vocabulary = _vocabulary(folder)
    family = family_of(vocabulary)
    if family != "opus":
        tongues = tongues_of_many(family, vocabulary, options.languages, options.codes)
    else:
        source, target = _pair(folder.name, beside)
        if is_group(vocabulary):
            tongues = tongues_of_group(source, vocabulary, options.languages)
        else:
            tongues = tongues_of_pair(source, target, options.codes)
    config = json.loads((folder / "config.json").read_text("utf-8")) if (folder / "config.json").is_file() else {}
    return FoundModel(folder, tongues, *pieces, bool(config.get("add_source_eos")), str(beside.get("licence", "")))


def _pair(name: str, beside: dict[str, Any]) -> tuple[str, str]:
    if "source" in beside:
        return str(beside["source"]), str(beside.get("target", ""))
    found = _PAIR.match(name)
    if found is None:
        raise UnknownLanguageError(name)
    return found["source"].lower(), found["target"].lower()


def _pieces(folder: Path) -> tuple[Path, Path] | None:
    """Find SentencePiece's files: one for each side, or one for both."""
    sides = folder / "source.spm", folder / "target.spm"
    if all(side.is_file() for side in sides):
        return sides
    shared = sorted(path for pattern in ("*.model", "*.spm") for path in folder.glob(pattern))
    return (shared[0], shared[0]) if shared else None


def _vocabulary(folder: Path) -> frozenset[str]:
    for name in _VOCABULARIES:
        if (folder / f"{name}.json").is_file():
            return frozenset(map(str, json.loads((folder / f"{name}.json").read_text("utf-8"))))
        if (folder / f"{name}.txt").is_file():
            return frozenset((folder / f"{name}.txt").read_text("utf-8").split("\n"))
    raise FileNotFoundError(_VOCABULARIES[0])


def _read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
