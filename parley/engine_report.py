"""What `parley engines` and `parley doctor` tell of each engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.engines.listing import ListedEngine, list_engines
from pipeline.engines.settings import EngineSettings
from pipeline.messages.worker_status import Stage

# Languages shown in a line for people; `--json` has them all.
SHOWN = 12


@dataclass(frozen=True)
class EngineReport:
    """One engine, in values that JSON has."""

    name: str
    stage: Stage
    works: bool
    # None where its file cannot even be imported.
    licence: str | None = None
    model_licence: str | None = None
    where: str | None = None
    languages: tuple[str, ...] = ()
    # (source, target), for translation.
    pairs: tuple[tuple[str, str], ...] = ()
    # Why it does not work, and what to do about it.
    why: str = ""
    remedy: str = ""
    # `auto` prefers the higher one.
    quality: int = 0

    @classmethod
    def of(cls, engine: ListedEngine) -> "EngineReport":
        info = engine.info
        return cls(
            name=engine.name,
            stage=engine.file.stage,
            works=engine.works,
            licence=info.licence if info else None,
            model_licence=info.model_licence if info else None,
            where=info.where if info else None,
            languages=tuple(sorted(engine.languages)),
            pairs=tuple(sorted(engine.pairs)),
            why=engine.why,
            remedy=engine.remedy,
            quality=info.quality if info else 0,
        )

    @property
    def abilities(self) -> str:
        """Name languages or pairs for people, the first few of many languages."""
        if self.pairs:
            targets: dict[str, list[str]] = {}
            for source, target in self.pairs:
                targets.setdefault(source, []).append(target)
            return "; ".join(f"{source} to {', '.join(known)}" for source, known in targets.items())
        more = len(self.languages) - SHOWN
        return ", ".join(self.languages[:SHOWN]) + (f" and {more} more" if more > 0 else "")

    @property
    def summary(self) -> str:
        """Name abilities in a few words: how many pairs, among which languages."""
        if not self.pairs:
            return self.abilities
        return f"{len(self.pairs)} pairs of {', '.join(sorted({language for pair in self.pairs for language in pair}))}"


def engine_reports(
    settings: EngineSettings | None = None, engines: Iterable[ListedEngine] | None = None
) -> list[EngineReport]:
    """Report on every engine, with what is set about it. Blocks while each looks at this machine (1 s or so)."""
    return [EngineReport.of(engine) for engine in (list_engines(settings=settings) if engines is None else engines)]


def advice(reports: Iterable[EngineReport]) -> list[str]:
    """Say for each stage what `auto` prefers of what works here, and what would be better and how to get it."""
    stages: dict[Stage, list[EngineReport]] = {}
    for report in reports:
        stages.setdefault(report.stage, []).append(report)
    return [line for stage, those in stages.items() for line in _advice(stage, those)]


def _advice(stage: Stage, reports: list[EngineReport]) -> Iterator[str]:
    by_quality = sorted(reports, key=lambda report: (-report.quality, report.name))
    best = next((report for report in by_quality if report.works), None)
    yield f"{stage}: {f'{best.name} is the best that works here' if best else 'nothing works here'}"
    for report in by_quality:
        if not report.works and (best is None or report.quality > best.quality):
            yield f"  better would be {report.name}: {report.why} -> {report.remedy}"
