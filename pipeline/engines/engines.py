"""The engines of a whole system, or of some stages: looked at, chosen, and started, in processes of their own."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import chain
from typing import Any, Self, get_args

import structlog

from pipeline.engines.all_of import all_of
from pipeline.engines.choice import Choice
from pipeline.engines.chosen import ChosenTranscriber, ChosenTranslator, ChosenVoicer
from pipeline.engines.hosted import HostedTranscriber, HostedTranslator, HostedVoicer
from pipeline.engines.listing import ListedEngine, list_engines
from pipeline.engines.paired import PairedTranscriber
from pipeline.engines.settings import EngineSettings
from pipeline.engines.staffing import Staffing
from pipeline.messages.worker_status import Stage

_log = structlog.get_logger(__name__)

AnyChoice = Choice[str] | Choice[tuple[str, str]]

STAGES: tuple[Stage, ...] = get_args(Stage)
"""All three."""


class Engines:
    """`async with Engines.start(settings) as engines`: what hears, translates and speaks, ready to be asked.

    Of a stage that was left out there is an engine without languages or pairs.
    Close cascade: all engines' processes at once, each ending what is in work; then their programs.
    """

    def __init__(self, settings: EngineSettings, stages: Collection[Stage] = STAGES) -> None:
        self._settings = settings
        self._stages = [stage for stage in STAGES if stage in stages]
        self._stack = AsyncExitStack()
        self.transcriber: ChosenTranscriber | PairedTranscriber
        self.translator: ChosenTranslator
        self.voicer: ChosenVoicer
        # What was picked for what, and why, by stage; a stage for which nothing works has none.
        self.choices: Mapping[Stage, Sequence[AnyChoice]] = {}

    @classmethod
    def start(cls, settings: EngineSettings | None = None, stages: Collection[Stage] = STAGES) -> Self:
        """Name the engines to start, and for which stages; `async with` starts them."""
        return cls(settings or EngineSettings(), stages)

    async def __aenter__(self) -> Self:
        """Look, choose, and start all chosen engines at once.

        Raises:
            EngineUnavailableError: one that was named does not work here, or a chosen one does not start.
        """
        settings = self._settings
        hearing = Staffing[str, HostedTranscriber](
            "recognition", settings.stt, settings, settings.stt_processes, HostedTranscriber
        )
        translating = Staffing[tuple[str, str], HostedTranslator](
            "translation", settings.translation, settings, settings.translation_processes, HostedTranslator
        )
        speaking = Staffing[str, HostedVoicer](
            "synthesis", settings.tts, settings, settings.tts_processes, HostedVoicer
        )
        fast = Staffing[str, HostedTranscriber](
            "recognition",
            settings.stt_fast,
            settings,
            settings.stt_processes,
            HostedTranscriber,
            running=hearing.running,
        )
        staffings: dict[Stage, Staffing[Any, Any]] = {each.stage: each for each in (hearing, translating, speaking)}
        listed = await asyncio.to_thread(_list, self._stages, settings)
        async with AsyncExitStack() as stack:
            await all_of(staffings[stage].fill(stack, listed) for stage in self._stages)
            if settings.stt_fast and hearing.stage in self._stages:
                await fast.fill(stack, listed)
            self._stack = stack.pop_all()
        self.transcriber = ChosenTranscriber("recognition", hearing.engines(), settings.chain)
        self.translator = ChosenTranslator("translation", translating.engines(), settings.chain)
        self.voicer = ChosenVoicer("synthesis", speaking.engines(), settings.chain)
        if fast.choices:
            self.transcriber = _paired(
                ChosenTranscriber("recognition", fast.engines(), settings.chain), self.transcriber
            )
        self.choices = {stage: staffings[stage].choices for stage in self._stages}
        self._log_choices(fast.choices)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def _log_choices(self, fast: Sequence[AnyChoice]) -> None:
        for stage, choices in self.choices.items():
            if not choices:
                _log.warning("no_engine", stage=stage)
            for choice in choices:
                _log_choice("engine_chosen", stage, choice)
        for choice in fast:
            _log_choice("fast_engine_chosen", "recognition", choice)


def _log_choice(event: str, stage: Stage, choice: AnyChoice) -> None:
    _log.info(
        event,
        stage=stage,
        engine=choice.engine,
        count=len(choice.abilities),
        why=choice.why,
        spares=list(choice.spares),
        better=[str(engine) for engine in choice.better],
    )


def _paired(fast: ChosenTranscriber, accurate: ChosenTranscriber) -> PairedTranscriber:
    return PairedTranscriber(fast, accurate, alike=lambda each: fast.serving(each) == accurate.serving(each))


def _list(stages: Collection[Stage], settings: EngineSettings) -> list[ListedEngine]:
    """Look at the engines of these stages; blocks."""
    return list(chain.from_iterable(list_engines(stage, settings) for stage in stages))
