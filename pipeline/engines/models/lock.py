"""A model's lock: the commit and the checksums of what was pulled first, so that it can be known again."""

import os
from pathlib import Path
from typing import Self

import msgspec

from pipeline.engines.models.catalogue import Model, ModelFile
from pipeline.engines.models.folder import LOCKS


class LockedFile(msgspec.Struct, frozen=True):
    """One file: bytes, and sha256 in hexadecimal."""

    size: int
    sha256: str


class Lock(msgspec.Struct, frozen=True):
    """`locks/NAME.json` in the models folder. Copy it to other machines, and they accept the same files only."""

    repo: str
    # The commit from which the files came; empty if the server did not say.
    revision: str = ""
    # By their names in the model's folder; grows while a model is pulled.
    files: dict[str, LockedFile] = msgspec.field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, model: Model) -> Self:
        """Read a model's lock, or begin one. One that is not readable, or of another repository, counts for nothing."""
        try:
            lock = msgspec.json.decode(_path(folder, model).read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            return cls(model.repo)
        return lock if lock.repo == model.repo else cls(model.repo)

    def write(self, folder: Path, model: Model) -> None:
        """Keep it, whole or not at all."""
        path = _path(folder, model)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        os.replace(beside, path)

    def with_file(self, name: str, file: LockedFile, revision: str = "") -> "Lock":
        """Add a file."""
        return Lock(self.repo, self.revision or revision, {**self.files, name: file})

    def expected(self, file: ModelFile) -> ModelFile:
        """Say what a file must be: by the catalogue, and where that does not say by this lock."""
        locked = self.files.get(file.name)
        if locked is None:
            return file
        size = locked.size if file.size is None else file.size
        return ModelFile(file.path, file.name, size, file.sha256 or locked.sha256)


def _path(folder: Path, model: Model) -> Path:
    return folder / LOCKS / f"{model.name}.json"
