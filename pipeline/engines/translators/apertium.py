"""Apertium: rule-based translation between many pairs, offline, in a millisecond or two."""

import asyncio
import shutil
from collections import OrderedDict
from pathlib import Path
from typing import ClassVar, Self

from pipeline.engines.apertium.mode import Mode, installed_modes, modes_folder
from pipeline.engines.apertium.pipeline import Pipeline
from pipeline.engines.apertium.routes import Route, routes
from pipeline.engines.apertium.stream_format import plain, tidy
from pipeline.engines.engine import (
    EngineInfo,
    EngineUnavailableError,
    RequestTooLargeError,
    UnsupportedLanguageError,
)
from pipeline.engines.translator import TranslationRequest

REMEDY = "apt-get install apertium apertium-eng-spa (and other apertium-* pairs)"
LONGEST_TEXT = 20_000
"""Characters in one request; a clause has some hundred."""
PIPELINES = 12
"""Pipelines that run at once, each 6 to 15 programs and 40 to 150 MB. One more, and the longest unused is ended."""


class Engine:
    """Translates with the pairs that are installed, and over one language in between where there is no direct one.

    Each pair's programs are started at its first use and keep running (started anew for each clause they would take
    130 to 180 ms). Unknown words pass unchanged and unmarked. The output is exactly that of the program `apertium -u`,
    but for white space: see `pipeline.engines.apertium.stream_format.plain` and `tidy`.
    """

    info: ClassVar[EngineInfo] = EngineInfo(
        name="apertium",
        stage="translation",
        licence="GPL-2.0-or-later",
        model_licence="GPL-2.0-or-later",
        where="system program",
        streams=False,
        concurrency=8,
        cheap=True,
        quality=20,
    )

    def __init__(self, folder: Path | None = None) -> None:
        if folder is None:
            self.check()
        self._routes = routes(installed_modes(folder or modes_folder()))
        self.pairs = frozenset(self._routes)
        # Ordered by last use.
        self._pipelines: OrderedDict[str, Pipeline] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    def check(cls) -> None:
        for program in ("apertium", "lt-proc"):
            if shutil.which(program) is None:
                raise EngineUnavailableError(f"the program {program!r} is not installed", REMEDY)
        if next(installed_modes(modes_folder()), None) is None:
            raise EngineUnavailableError("no language pair of Apertium is installed", REMEDY)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        pipelines, self._pipelines = self._pipelines, OrderedDict()
        await asyncio.gather(*(pipeline.close() for pipeline in pipelines.values()), *self._ending)

    async def warm(self, source: str, target: str) -> None:
        """Start what a pair needs, so that its first clause does not wait for it."""
        await asyncio.gather(*(self._pipeline(mode).start() for mode in self._route(source, target)))

    async def translate(self, request: TranslationRequest) -> str:
        route = self._route(request.source, request.target)
        text = plain(request.text)
        if len(text) > LONGEST_TEXT:
            raise RequestTooLargeError(f"{len(text)} characters, where {LONGEST_TEXT} are taken at once")
        for mode in route:
            text = tidy(await self._pipeline(mode).translate(plain(text))) if text else ""
        return text

    def _route(self, source: str, target: str) -> Route:
        route = self._routes.get((source, target))
        if route is None:
            raise UnsupportedLanguageError(f"apertium has no way from {source} to {target} here")
        return route

    def _pipeline(self, mode: Mode) -> Pipeline:
        pipeline = self._pipelines.setdefault(mode.name, Pipeline(mode))
        self._pipelines.move_to_end(mode.name)
        if len(self._pipelines) > PIPELINES:
            self._end_oldest()
        return pipeline

    def _end_oldest(self) -> None:
        for name, pipeline in list(self._pipelines.items())[:-1]:
            if not pipeline.busy:
                del self._pipelines[name]
                ending = asyncio.create_task(pipeline.close(), name=f"end apertium {name}")
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)
                return
