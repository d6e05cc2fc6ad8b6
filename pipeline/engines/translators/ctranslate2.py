"""CTranslate2: NLLB, M2M100, MADLAD and Opus-MT models, on this machine, batched over everybody who speaks."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

from pipeline.engines.ct2.family import Family
from pipeline.engines.ct2.found import FoundModel, find_models
from pipeline.engines.ct2.model import CPU, Model, Place, Translator
from pipeline.engines.ct2.routes import Route, routes
from pipeline.engines.ct2.shelf import LoadedModel, Shelf
from pipeline.engines.ct2.spm import NotSentencePieceError
from pipeline.engines.engine import (
    EngineError,
    EngineInfo,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.models.catalogue import catalogue
from pipeline.engines.models.folder import models_folder
from pipeline.engines.models.found import path_of, place_of
from pipeline.engines.options.ctranslate2 import CTranslate2Options
from pipeline.engines.plain_text import LONGEST_TEXT, plain
from pipeline.engines.translator import TranslationRequest

REMEDY = "parley models pull m2m100-418m, or name folders with models in engines.ctranslate2.models"
MOST_THREADS = 4
"""More threads for one batch hardly make it faster, and take from everybody else."""
LICENCES: dict[Family, str] = {"nllb": "CC-BY-NC-4.0", "m2m100": "MIT", "madlad": "Apache-2.0", "opus": "CC-BY-4.0"}
DEFAULTS = CTranslate2Options()


class Engine:
    """Translates with the models that are here; over one language in between only where no model has the pair.

    Context is not used: none of these models was trained with any, and would translate it as well. Nor are glossaries.
    """

    Options = CTranslate2Options

    info: ClassVar[EngineInfo] = EngineInfo(
        name="ctranslate2",
        stage="translation",
        licence="MIT",
        model_licence=" OR ".join(sorted(set(LICENCES.values()))),
        where="in process",
        streams=False,
        concurrency=64,
        quality=60,
    )

    def __init__(self, options: CTranslate2Options = DEFAULTS) -> None:
        self.check(options)
        self._options = options
        self.models = tuple(_models(options))
        if not self.models:
            raise EngineUnavailableError("there is no translation model here", REMEDY)
        self._routes = routes(self.models)
        self.pairs = frozenset(self._routes)
        self._shelf = Shelf(self._load, size=options.loaded)
        self._place = CPU

    @classmethod
    def check(cls, options: CTranslate2Options = DEFAULTS) -> None:
        if importlib.util.find_spec("ctranslate2") is None:
            raise EngineUnavailableError("ctranslate2 is not installed", "install ctranslate2")
        if next(_folders(options), None) is None:
            raise EngineUnavailableError("there is no translation model here", REMEDY)

    async def __aenter__(self) -> Self:
        self._place = place_for(self._options)
        for model in self.models[: self._options.loaded]:
            await self._shelf.model(model)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._shelf.close()

    async def warm(self, source: str, target: str) -> None:
        """Load what a pair needs, so that its first clause does not wait for it."""
        for step in self._route(source, target):
            await self._shelf.model(step.model)

    async def translate(self, request: TranslationRequest) -> str:
        route = self._route(request.source, request.target)
        text = plain(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        for step in route:
            model = await self._shelf.model(step.model)
            text = await model.translate(text, step) if text else ""
        return text

    def _route(self, source: str, target: str) -> Route:
        route = self._routes.get((source, target))
        if route is None:
            raise UnsupportedLanguageError(f"no model here has {source} to {target}")
        return route

    def _load(self, found: FoundModel) -> LoadedModel:
        try:
            model = Model(found.folder, self._options, self._place, load)
            return LoadedModel(found, model, self._options)
        except (NotSentencePieceError, OSError) as error:
            raise EngineError(f"{found.name} cannot be read ({type(error).__name__})") from None


def _folders(options: CTranslate2Options) -> Iterator[Path]:
    """Give the folders to look at for models."""
    if options.models:
        for name in options.models:
            yield path_of(name, options.models_dir)
        return
    here = models_folder(options.models_dir)
    for model in catalogue():
        place = place_of(model, here) if model.engine == Engine.info.name else None
        if place is not None:
            yield place
    if here.is_dir():
        yield here


def _models(options: CTranslate2Options) -> list[FoundModel]:
    found = {model.folder: model for folder in _folders(options) for model in find_models(folder, options)}
    return list(found.values())


def place_for(options: CTranslate2Options) -> Place:
    """Say where models run: on a GPU if there is one, if nothing else is set."""
    import ctranslate2

    device = options.device
    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    if options.compute_type != "auto":
        return Place(device, options.compute_type)
    if device == "cpu":
        return CPU
    held = ctranslate2.get_supported_compute_types(device)
    return Place(device, next((kind for kind in ("int8_float16", "float16") if kind in held), "auto"))


def load(folder: Path, place: Place, threads: int) -> Translator:
    """Load a model by the library. Blocks, for a second or so per GB."""
    import ctranslate2

    used = threads or min(MOST_THREADS, len(os.sched_getaffinity(0)))
    translator: Translator = ctranslate2.Translator(
        str(folder), device=place.device, compute_type=place.compute_type, inter_threads=1, intra_threads=used
    )
    return translator
