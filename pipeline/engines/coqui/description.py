"""What a model's config.json says of it, read without loading Coqui or PyTorch."""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines.codes import codes
from pipeline.engines.engine import EngineUnavailableError
from pipeline.messages.language import UnknownLanguageError, normalise

KINDS = ("xtts", "vits")
"""Of Coqui's models those that are good enough to listen to."""
NEEDED = {"ja": "cutlet", "zh": "pypinyin"}
"""Languages for which XTTS needs one more package, an extra of coqui-tts."""


@dataclass(frozen=True)
class Description:
    """A model in a folder."""

    folder: Path
    # One of `KINDS`.
    kind: str
    # Hertz of what it says.
    sample_rate: int
    # Normalised tag -> what the model calls it.
    languages: Mapping[str, str]


def describe(folder: Path, language: str = "") -> Description:
    """Read it. `language` is what a model of one language speaks, if it does not say itself.

    Raises:
        EngineUnavailableError: there is no config.json, or it is of a model that is not spoken with here.
    """
    try:
        # Not msgspec: these files may say Infinity, which JSON does not have.
        config: Any = json.loads((folder / "config.json").read_bytes())
        kind = str(config["model"]).lower()
        audio = config["audio"]
        sample_rate = int(audio.get("output_sample_rate") or audio["sample_rate"])
        told = config.get("languages") or [_language_of(config)]
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        why = "engines.coqui.model is no folder with a config.json of Coqui's"
        raise EngineUnavailableError(why, "`parley models pull xtts-v2`, or name another folder") from None
    if kind not in KINDS:
        raise EngineUnavailableError(f"a model of the kind {kind!r} is not used", f"use one of {', '.join(KINDS)}")
    languages = _of_xtts(told) if kind == "xtts" else _tags([language] if language else told)
    if not languages:
        why = "the model does not say which language it speaks"
        raise EngineUnavailableError(why, "set engines.coqui.language")
    return Description(folder, kind, sample_rate, languages)


def _of_xtts(told: list[str]) -> dict[str, str]:
    """Take those that the model knows, that its tokenizer can read, and for which there are the packages."""
    able = {tag: code for tag, code in codes("xtts").items() if code in told}
    return {tag: code for tag, code in able.items() if tag not in NEEDED or importlib.util.find_spec(NEEDED[tag])}


def _tags(told: list[str]) -> dict[str, str]:
    tags = {}
    for name in told:
        try:
            tags[normalise(str(name).replace("_", "-"))] = str(name)
        except UnknownLanguageError:
            continue
    return tags


def _language_of(config: Any) -> str:
    datasets = config.get("datasets") or [{}]
    return str(config.get("phoneme_language") or datasets[0].get("language") or "")
