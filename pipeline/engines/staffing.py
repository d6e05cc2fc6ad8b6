"""Filling one stage with engines: chosen, started, and replaced by the next best if they do not start."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Generic, TypeVar

import structlog

from pipeline.engines.all_of import all_of
from pipeline.engines.choice import Choice, choose
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
        *,
        running: dict[str, HostedEngine] | None = None,
    ) -> None:
        """Take names or `auto` as `setting`; each chosen engine becomes a `kind` in so many processes.

        `running`: engines that another staffing started; they are used as they are.
        """
        self.stage = stage
        self.running = {} if running is None else running
        self._setting = setting
        self._settings = settings
        self._processes = processes
        self._kind = kind
        self.choices: list[Choice[Ability]] = []

    async def fill(self, stack: AsyncExitStack, listed: Sequence[ListedEngine]) -> None:
        """Choose among the listed engines and start the chosen ones, spares as well; `stack` ends them.

        Raises:
            EngineUnavailableError: of those that were named none works here, or none starts.
        """
        candidates = {engine.name: engine for engine in listed if engine.file.stage == self.stage}
        while True:
            self.choices = choose(list(candidates.values()), self._setting, self._settings.chain.length)
            first = {choice.engine for choice in self.choices}
            wanted = {name for choice in self.choices for name in choice.chain} - self.running.keys()
            starting = (self._start(stack, candidates[name], spare=name not in first) for name in sorted(wanted))
            failed = {engine.name: engine for engine in await all_of(starting) if engine is not None}
            if not failed:
                return
            candidates.update(failed)

    def engines(self) -> dict[Ability, tuple[HostedEngine, ...]]:
        """Say which engines do what, the first one first."""
        return {
            ability: tuple(self.running[name] for name in choice.chain)
            for choice in self.choices
            for ability in choice.abilities
        }

    async def _start(self, stack: AsyncExitStack, engine: ListedEngine, *, spare: bool) -> ListedEngine | None:
        """Start an engine, one that only stands behind others in one process. Give one back that does not start."""
        processes = 1 if spare else self._processes
        hosted = self._kind(engine.info, engine.file.module, self._settings, processes=processes)
        try:
            await stack.enter_async_context(hosted)
        except EngineError as error:
            _log.warning("engine_did_not_start", engine=engine.name, error=str(error))
            remedy = error.remedy if isinstance(error, EngineUnavailableError) else "see the log"
            return replace(engine, why=f"it did not start: {error}", remedy=remedy)
        self.running[engine.name] = hosted
        return None
