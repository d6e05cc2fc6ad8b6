"""What every engine file says of itself on this machine."""

from dataclasses import dataclass

from pipeline.engines.engine import EngineInfo, EngineUnavailableError
from pipeline.engines.registry import EngineFile, engine_files
from pipeline.engines.settings import EngineSettings
from pipeline.messages.worker_status import Stage


@dataclass(frozen=True)
class ListedEngine:
    """One engine, and what it can do here; or why it cannot, and what to do about that."""

    file: EngineFile
    # None if the file cannot even be imported.
    info: EngineInfo | None = None
    # What it hears or speaks, or translates, as normalised tags. Empty if it does not work.
    languages: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    # Both empty if it works.
    why: str = ""
    remedy: str = ""

    @property
    def works(self) -> bool:
        return not self.why

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def abilities(self) -> frozenset[str] | frozenset[tuple[str, str]]:
        """The languages, or the pairs of a translator."""
        return self.pairs or self.languages


def list_engines(stage: Stage | None = None, settings: EngineSettings | None = None) -> tuple[ListedEngine, ...]:
    """Look at the engines of one stage, or of all, with what is set about them.

    Loads no model, but some ask a program, for 50 ms or so. Blocks; call it in a thread where there is an event loop.
    """
    used = settings or EngineSettings()
    return tuple(_listed(file, used) for file in engine_files(stage))


def _listed(file: EngineFile, settings: EngineSettings) -> ListedEngine:
    info: EngineInfo | None = None
    try:
        info = file.load().info
        engine = file.build(settings)
    except EngineUnavailableError as error:
        return ListedEngine(file, info, why=error.why, remedy=error.remedy)
    except Exception as error:  # any engine's fault costs that engine, not the list
        return ListedEngine(file, info, why=f"{type(error).__name__}: {error}", remedy="this is a fault of the engine")
    nothing: frozenset[str] = frozenset()
    return ListedEngine(file, info, getattr(engine, "languages", nothing), getattr(engine, "pairs", frozenset()))
