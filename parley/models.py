"""What `parley models list` tells of each model."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.engines.models.catalogue import Model, catalogue
from pipeline.engines.models.found import missing_bytes, place_of


@dataclass(frozen=True)
class ModelReport:
    """One model, in values that JSON has."""

    name: str
    engine: str
    megabytes: int
    licence: str
    about: str
    aliases: tuple[str, ...]
    repo: str
    revision: str
    # Where it is; None if it is not here, or not all of it.
    path: str | None
    # What is missing of it, roughly; 0 if it is here.
    missing_megabytes: int

    @property
    def state(self) -> str:
        """Say for people whether it is here."""
        if self.path is not None:
            return "here"
        return "in part" if self.missing_megabytes < self.megabytes * 0.99 else "no"


def model_reports(folder: Path, models: Iterable[Model] | None = None) -> list[ModelReport]:
    """Report on every model of the catalogue, as it is in the models folder. Looks at files' sizes only."""
    return [_report(model, folder) for model in (catalogue() if models is None else models)]


def _report(model: Model, folder: Path) -> ModelReport:
    place = place_of(model, folder)
    return ModelReport(
        name=model.name,
        engine=model.engine,
        megabytes=model.megabytes,
        licence=model.licence,
        about=model.about,
        aliases=model.aliases,
        repo=model.repo,
        revision=model.revision,
        path=None if place is None else str(place),
        missing_megabytes=0 if place else round(missing_bytes(model, folder) / 1e6),
    )
