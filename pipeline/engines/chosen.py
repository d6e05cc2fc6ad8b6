"""What the workers ask: all chosen engines of a stage, behind its one protocol."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Generic, Self, TypeVar

from pipeline.engines.engine import EngineInfo, UnsupportedLanguageError
from pipeline.engines.hosted import Hosted, HostedTranscriber, HostedTranslator, HostedVoicer
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.transcriber import Transcription
from pipeline.engines.translator import TranslationRequest
from pipeline.messages.worker_status import Stage

Ability = TypeVar("Ability", bound=str | tuple[str, str])
HostedEngine = TypeVar("HostedEngine", bound=Hosted)


class Chosen(Generic[Ability, HostedEngine]):
    """For each language or pair, the engine that does it. Their owner starts and ends them."""

    def __init__(self, stage: Stage, engines: Mapping[Ability, HostedEngine]) -> None:
        self._engines = dict(engines)
        self.info = _together(stage, {engine.info.name: engine.info for engine in engines.values()}.values())

    @classmethod
    def check(cls) -> None:
        """Find nothing missing: only engines that work were chosen."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Leave the engines running; see the class."""

    def _available(self) -> frozenset[Ability]:
        """Leave out what an engine does that is down for longer than a request waits."""
        return frozenset(ability for ability, engine in self._engines.items() if engine.available)

    def _engine(self, ability: Ability) -> HostedEngine:
        try:
            return self._engines[ability]
        except KeyError:
            raise UnsupportedLanguageError(f"no {self.info.stage} engine here for {ability}") from None


class ChosenTranscriber(Chosen[str, HostedTranscriber]):
    """The `Transcriber` of a whole system."""

    @property
    def languages(self) -> frozenset[str]:
        return self._available()

    async def open(self, language: str, speaker: str = "") -> Transcription:
        return await self._engine(language).open(language, speaker)


class ChosenTranslator(Chosen[tuple[str, str], HostedTranslator]):
    """The `Translator` of a whole system."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return self._available()

    async def translate(self, request: TranslationRequest) -> str:
        return await self._engine((request.source, request.target)).translate(request)

    async def warm(self, source: str, target: str) -> None:
        """Get ready for a pair, so that its first clause does not wait."""
        await self._engine((source, target)).warm(source, target)


class ChosenVoicer(Chosen[str, HostedVoicer]):
    """The `Voicer` of a whole system."""

    @property
    def languages(self) -> frozenset[str]:
        return self._available()

    async def packets(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        async with aclosing(self._engine(request.language).packets(request)) as packets:
            async for packet in packets:
                yield packet


def _together(stage: Stage, infos: Iterable[EngineInfo]) -> EngineInfo:
    """Describe several engines as one: it is only as cheap, or streams, as all of them are."""
    several = sorted(infos, key=lambda info: -info.quality)
    return EngineInfo(
        name=", ".join(info.name for info in several) or "none",
        stage=stage,
        licence=" AND ".join(dict.fromkeys(info.licence for info in several)),
        model_licence=" AND ".join(dict.fromkeys(info.model_licence for info in several)),
        where=several[0].where if several else "in process",
        streams=all(info.streams for info in several),
        concurrency=sum(info.concurrency for info in several),
        cheap=all(info.cheap for info in several),
        quality=max((info.quality for info in several), default=0),
    )
