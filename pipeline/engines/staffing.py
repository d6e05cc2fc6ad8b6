"""Filling one stage with engines: chosen, started, and replaced by the next best if they do not start."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Generic, TypeVar, cast

import structlog

from pipeline.engines.all_of import all_of
from pipeline.engines.choice import Choice, choose, rank, wanted_engines
from pipeline.engines.engine import EngineError, EngineUnavailableError
from pipeline.engines.hosted import Hosted
from pipeline.engines.listing import ListedEngine
from pipeline.engines.settings import EngineSettings
from pipeline.messages.worker_status import Stage

_log = structlog.get_logger(__name__)

Ability = TypeVar("Ability", bound=str | tuple[str, str])
HostedEngine = TypeVar("HostedEngine", bound=Hosted)


class Staffing(Generic[Ability, HostedEngine]):
    """One stage of a system, and who does what in it."""

    def __init__(
        self,
        stage: Stage,
        setting: str,
        settings: EngineSettings,
        processes: int,
        kind: Callable[..., HostedEngine],
    ) -> None:
        """Take names or `auto` as `setting`; each chosen engine becomes a `kind` in so many processes."""
        self.stage = stage
        self._setting = setting
        self._settings = settings
        self._processes = processes
        self._kind = kind
        self._running: dict[str, HostedEngine] = {}
        self.choices: list[Choice[Ability]] = []

    async def fill(self, stack: AsyncExitStack, listed: Sequence[ListedEngine]) -> None:
        """Choose among the listed engines and start the chosen ones; `stack` ends them.

        Raises:
            EngineUnavailableError: one that was named does not work here, or does not start.
        """
        candidates = [engine for engine in listed if engine.file.stage == self.stage]
        while True:
            ranked = rank(candidates, self._setting)
            # An engine of this stage has this kind of ability.
            abilities = cast("set[Ability]", set().union(*(engine.abilities for engine in ranked)))
            self.choices = choose(candidates, ranked, abilities)
            chosen = {choice.engine for choice in self.choices} - self._running.keys()
            outcomes = await all_of(self._start(stack, engine) for engine in ranked if engine.name in chosen)
            failed = {engine.name: engine for engine in outcomes if engine is not None}
            if not failed:
                return
            candidates = [failed.get(engine.name, engine) for engine in candidates]

    def engines(self) -> dict[Ability, HostedEngine]:
        """Say which engine does what."""
        return {ability: self._running[choice.engine] for choice in self.choices for ability in choice.abilities}

    async def _start(self, stack: AsyncExitStack, engine: ListedEngine) -> ListedEngine | None:
        """Start an engine. With `auto`, one that does not start is given back as one that does not work here."""
        hosted = self._kind(engine.info, engine.file.module, self._settings, processes=self._processes)
        try:
            await stack.enter_async_context(hosted)
        except EngineError as error:
            if wanted_engines(self._setting):
                raise
            _log.warning("engine_did_not_start", engine=engine.name, error=str(error))
            remedy = error.remedy if isinstance(error, EngineUnavailableError) else "see the log"
            return replace(engine, why=f"it did not start: {error}", remedy=remedy)
        self._running[engine.name] = hosted
        return None
