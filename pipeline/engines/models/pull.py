"""Pulling a model: every file of it, checked, into its folder."""

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.models.catalogue import Model, ModelFile
from pipeline.engines.models.digest import sha256_of
from pipeline.engines.models.download import Downloads, Patience
from pipeline.engines.models.errors import DamagedError, ModelsOfflineError, NoRoomError, PullRunningError
from pipeline.engines.models.found import missing_bytes
from pipeline.engines.models.lock import Lock, LockedFile

Told = Callable[[str, int, int | None], None]
"""Told of each file: its name, how many bytes of it are here, and how many there will be (None: nobody knows)."""

SPARE_BYTES = 50_000_000
"""What must stay free on the disk besides the model."""


@dataclass(frozen=True)
class Pulled:
    """What a pull did."""

    folder: Path
    # Names of files that were brought, and of those that were here and are what they should be.
    fetched: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


class Pull:
    """Brings one model. What is here and in order stays; what is not, is replaced; what was begun goes on."""

    def __init__(
        self, model: Model, folder: Path, base_url: str, *, offline: bool = False, patience: Patience | None = None
    ) -> None:
        """`folder`: of all models; `base_url`: of the server; `offline`: only check what is here."""
        self._model = model
        self._folder = folder
        self._base_url = base_url
        self._offline = offline
        self._patience = patience
        self._lock = Lock(model.repo)

    async def run(self, told: Told = lambda *_: None) -> Pulled:
        """Do it. Cancelled, or stopped by an error, it leaves what came, and the next one goes on there.

        Raises:
            ModelError: it cannot be had whole; see `errors`.
            OSError: the models folder cannot be written.
        """
        own = self._folder / self._model.name
        own.mkdir(parents=True, exist_ok=True)
        fetched: list[str] = []
        checked: list[str] = []
        with _alone(own, self._model.name):
            self._lock = Lock.read(self._folder, self._model)
            self._look_for_room(own)
            async with Downloads(self._patience) as downloads:
                for file in self._model.files:
                    here = await self._check(own, file, told)
                    if not here:
                        await self._fetch(downloads, own, file, told)
                    (checked if here else fetched).append(file.name)
        return Pulled(own, tuple(fetched), tuple(checked))

    def _look_for_room(self, own: Path) -> None:
        needed = missing_bytes(self._model, self._folder)
        free = shutil.disk_usage(own).free
        if needed and needed + SPARE_BYTES > free and not self._offline:
            raise NoRoomError(str(own), needed + SPARE_BYTES, free)

    async def _check(self, own: Path, file: ModelFile, told: Told) -> bool:
        """Whether a file is here and in order; one that is not is deleted. The first of its kind is locked as it is."""
        path, expected = own / file.name, self._lock.expected(file)
        if not path.is_file():
            return False
        size, digest = path.stat().st_size, await asyncio.to_thread(sha256_of, path)
        if expected.sha256 not in ("", digest) or expected.size not in (None, size):
            path.unlink()
            return False
        told(file.name, size, size)
        self._keep(file, LockedFile(size, digest))
        return True

    async def _fetch(self, downloads: Downloads, own: Path, file: ModelFile, told: Told) -> None:
        if self._offline:
            raise ModelsOfflineError(self._model.name)
        expected = self._lock.expected(file)
        part = own / f"{file.name}.part"
        url = self._model.url(self._base_url, file, self._lock.revision)
        source = await downloads.fetch(
            url,
            part,
            lambda here, total: told(file.name, here, total if expected.size is None else expected.size),
            known=bool(expected.sha256),
        )
        digest = await asyncio.to_thread(sha256_of, part)
        should_be = expected.sha256 or source.sha256 or digest
        if digest != should_be:
            part.unlink()
            raise DamagedError(file.name, should_be, digest)
        size = part.stat().st_size
        os.replace(part, own / file.name)
        self._keep(file, LockedFile(size, digest), source.commit)

    def _keep(self, file: ModelFile, locked: LockedFile, commit: str = "") -> None:
        self._lock = self._lock.with_file(file.name, locked, commit)
        self._lock.write(self._folder, self._model)


@contextlib.contextmanager
def _alone(own: Path, name: str) -> Iterator[None]:
    """Let nobody else pull the same model meanwhile; the kernel lets go of it however this process ends."""
    with (own / ".pulling").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullRunningError(name) from None
        yield
