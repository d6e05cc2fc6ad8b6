"""The catalogue: which models there are, of what they consist, and where they come from."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

CATALOGUE = "catalogue.toml"
"""Beside this file."""
MAIN = "main"
"""The revision of a repository that is not pinned; the lock of the first pull pins it."""


@dataclass(frozen=True)
class ModelFile:
    """One file of a model."""

    # Where it is in the repository.
    path: str
    # What it is called in the model's folder here.
    name: str
    # Bytes; None if the catalogue does not say.
    size: int | None = None
    # In hexadecimal; empty if the catalogue does not say: then the lock of the first pull does.
    sha256: str = ""


@dataclass(frozen=True)
class Model:
    """A model that an engine loads."""

    name: str
    # The engine's name.
    engine: str
    # `owner/name` at the server.
    repo: str
    # A commit or a tag, or `MAIN`.
    revision: str
    files: tuple[ModelFile, ...]
    # SPDX, or what comes closest to it; of the weights.
    licence: str
    # Of all files together, roughly.
    megabytes: int
    # What it is, in a few words.
    about: str
    # Other names that people know it by; its repository's, where that holds nothing else.
    aliases: tuple[str, ...] = ()

    def url(self, base: str, file: ModelFile, revision: str = "") -> str:
        """Say where a file is, as the Hub's `resolve` addresses go (its documentation's page models-downloading)."""
        return f"{base.rstrip('/')}/{self.repo}/resolve/{quote(revision or self.revision)}/{quote(file.path)}"

    @property
    def names(self) -> frozenset[str]:
        """Everything that it answers to."""
        return frozenset({self.name, *self.aliases})


@cache
def catalogue() -> tuple[Model, ...]:
    """Give every model, those of one engine together."""
    return parse((files(__package__) / CATALOGUE).read_text(encoding="utf-8"))


def model_named(name: str, models: tuple[Model, ...] | None = None) -> Model | None:
    """Find a model by its name, another one that people know, or its repository."""
    return next((model for model in (catalogue() if models is None else models) if name in model.names), None)


def parse(text: str) -> tuple[Model, ...]:
    """Read a catalogue.

    Raises:
        ValueError: two models answer to one name, or one has no file.
    """
    tables = tomllib.loads(text)
    sets = tables.get("files", {})
    models = [_model(table, sets) for table in tables.get("model", ())]
    models += _voices(tables.get("piper", {}))
    taken: set[str] = set()
    for model in models:
        if not model.files or taken & model.names:
            raise ValueError(f"the catalogue's {model.name} has no files, or a name of another model")
        taken |= model.names
    return tuple(models)


def _model(table: dict[str, Any], sets: dict[str, list[dict[str, Any]]]) -> Model:
    own = table.get("files", ())
    shared = [file for name in table.get("with", ()) for file in sets[name]]
    return Model(
        name=table["name"],
        engine=table["engine"],
        repo=table["repo"],
        revision=table.get("revision", MAIN),
        files=tuple(
            ModelFile(file["path"], file["path"], file.get("size"), file.get("sha256", "")) for file in [*own, *shared]
        ),
        licence=table["licence"],
        megabytes=table["megabytes"],
        about=table["about"],
        aliases=(*table.get("aliases", ()), table["repo"]),
    )


def _voices(piper: dict[str, Any]) -> list[Model]:
    """Spell out Piper's voices: `es_ES-davefx-medium` lies in es/es_ES/davefx/medium/ of one repository."""
    made = []
    for name, about in piper.get("voices", {}).items():
        locale, speaker, quality = name.split("-")
        folder = f"{locale.partition('_')[0]}/{locale}/{speaker}/{quality}"
        names = (f"{name}.onnx", f"{name}.onnx.json", "MODEL_CARD")
        made.append(
            Model(
                name=name,
                engine="piper",
                repo=piper["repo"],
                revision=piper["revision"],
                files=tuple(ModelFile(f"{folder}/{each}", each) for each in names),
                licence=piper["licence"],
                megabytes=piper["megabytes"],
                about=about,
            )
        )
    return made
