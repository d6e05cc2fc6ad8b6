"""The registry: an engine is a file in one of three folders, and the file's name is its registration."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.engines.engine import EngineInfo, EngineUnavailableError
from pipeline.engines.settings import EngineSettings
from pipeline.messages.worker_status import Stage

FOLDERS: dict[Stage, str] = {
    "recognition": "pipeline.engines.transcribers",
    "translation": "pipeline.engines.translators",
    "synthesis": "pipeline.engines.synthesizers",
}
"""Where the engines of each stage live: every module in these packages defines one class named `Engine`."""


class EngineFile(NamedTuple):
    """One engine's file, found but not yet imported."""

    stage: Stage
    name: str
    # What to import, and what a child process is told to host.
    module: str

    def load(self) -> Any:
        """Import the file and give its class `Engine`, which satisfies the protocol of its stage.

        Raises:
            EngineUnavailableError: the file needs a Python package that is not installed.
            TypeError: the file does not keep to the contract.
        """
        try:
            engine = getattr(importlib.import_module(self.module), "Engine", None)
        except ImportError as error:
            missing = error.name or "a Python package"
            raise EngineUnavailableError(f"{missing} is not installed", f"install {missing}") from error
        if engine is None or not isinstance(getattr(engine, "info", None), EngineInfo):
            raise TypeError(f"{self.module} defines no class Engine with an EngineInfo as `info`")
        if (engine.info.name, engine.info.stage) != (self.name, self.stage):
            raise TypeError(f"{self.module} calls itself {engine.info.name!r} of {engine.info.stage}")
        return engine

    def build(self, settings: EngineSettings) -> Any:
        """Make the engine, with what is set about it; it is not started. Raises as `load`, and as `Engine.check`."""
        engine = self.load()
        kind = getattr(engine, "Options", None)
        return engine() if kind is None else engine(settings.options(kind))


def engine_files(stage: Stage | None = None) -> Iterator[EngineFile]:
    """Find the engines of one stage, or of all three, in alphabetical order."""
    for each, folder in FOLDERS.items():
        if stage not in (None, each):
            continue
        package = importlib.import_module(folder)
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
            yield EngineFile(each, module.name, f"{folder}.{module.name}")
