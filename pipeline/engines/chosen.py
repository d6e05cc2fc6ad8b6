"""What the workers ask: all chosen engines of a stage, behind its one protocol."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Generic, Self, TypeVar

from pipeline.engines.chain import Chain
from pipeline.engines.chain_settings import ChainSettings
from pipeline.engines.engine import BrokenOffError, EngineError, EngineInfo, UnsupportedLanguageError
from pipeline.engines.hosted import Hosted, HostedTranscriber, HostedTranslator, HostedVoicer
from pipeline.engines.rung import Rung, new_breaker
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.transcriber import Transcription
from pipeline.engines.translator import TranslationRequest
from pipeline.engines.watched import WatchedTranscription
from pipeline.messages.worker_status import Stage
from pipeline.recent import Recent

Ability = TypeVar("Ability", bound=str | tuple[str, str])
HostedEngine = TypeVar("HostedEngine", bound=Hosted)

SPEAKERS = 1_000
"""Of so many speakers it is remembered in which engine their last utterance broke."""


class Chosen(Generic[Ability, HostedEngine]):
    """For each language or pair, the engines that do it, the best first. Their owner starts and ends them.

    Chains are made when they are first asked; there are no more of them than languages or pairs.
    """

    def __init__(
        self,
        stage: Stage,
        engines: Mapping[Ability, Sequence[HostedEngine]],
        settings: ChainSettings | None = None,
    ) -> None:
        self._settings = settings or ChainSettings()
        self._within_s: float = getattr(self._settings, f"{stage}_s")
        self._ladders = {ability: tuple(ladder) for ability, ladder in engines.items()}
        together: dict[tuple[HostedEngine, ...], set[Ability]] = defaultdict(set)
        for ability, ladder in self._ladders.items():
            together[ladder].add(ability)
        # Those that the same engines do, in the same order; there are few such groups, where abilities may be many.
        self._groups = {ladder: frozenset(abilities) for ladder, abilities in together.items()}
        self._engines = {engine.info.name: engine for ladder in self._groups for engine in ladder}
        # What the engine's provider says holds for all its chains.
        self._wholes = {name: new_breaker(self._settings) for name in self._engines}
        self._chains: dict[Ability, Chain[HostedEngine]] = {}
        self._stage: Stage = stage
        self.info = _together(stage, self._groups)

    @classmethod
    def check(cls) -> None:
        """Find nothing missing: only engines that work were chosen."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Leave the engines running; see the class."""

    @property
    def fallen(self) -> Mapping[Ability, int]:
        """Those that are not done by the first engine of their chain now, and the place of the one that does them."""
        fallen: dict[Ability, int] = {}
        for abilities in self._groups.values():
            # What holds for a whole engine is seen on any of its chains; the rest only where something was asked.
            place = self._new_chain(next(iter(abilities))).serving.place
            fallen.update(dict.fromkeys(abilities, place) if place else {})
        for ability, chain in self._chains.items():
            if place := chain.serving.place:
                fallen[ability] = place
        return fallen

    def serving(self, ability: Ability) -> str:
        """Name the engine that does this now.

        Raises:
            UnsupportedLanguageError: none does.
        """
        return self._chain(ability).serving.name

    def _available(self) -> frozenset[Ability]:
        """Leave out what can be done by none of its engines: down for longer than a request waits, or left alone."""
        return frozenset[Ability]().union(*(able for ladder, able in self._groups.items() if self._offered(ladder)))

    def _offered(self, ladder: Sequence[HostedEngine]) -> bool:
        return any(engine.available and not self._held(engine) for engine in ladder)

    def _held(self, engine: HostedEngine) -> bool:
        whole = self._wholes[engine.info.name]
        return not whole.closed and whole.open(asyncio.get_running_loop().time())

    def _chain(self, ability: Ability) -> Chain[HostedEngine]:
        chain = self._chains.get(ability)
        if chain is None:
            if ability not in self._ladders:
                raise UnsupportedLanguageError(f"no {self._stage} engine here for {ability}")
            chain = self._chains[ability] = self._new_chain(ability)
        return chain

    def _new_chain(self, ability: Ability) -> Chain[HostedEngine]:
        rungs = [
            Rung(place, engine, self._wholes[engine.info.name], ability, self._settings)
            for place, engine in enumerate(self._ladders[ability])
        ]
        return Chain(rungs, self._within_s)


class ChosenTranscriber(Chosen[str, HostedTranscriber]):
    """The `Transcriber` of a whole system.

    An utterance stays with its engine. When it breaks, its speaker's next one, which goes on with it, is opened in
    another engine if there is one, although the first may be well enough for everybody else.
    """

    def __init__(
        self,
        stage: Stage,
        engines: Mapping[str, Sequence[HostedTranscriber]],
        settings: ChainSettings | None = None,
    ) -> None:
        super().__init__(stage, engines, settings)
        # Speaker -> the engine in which their last utterance broke; empty once they have gone on.
        self._broken: Recent[str, str] = Recent(SPEAKERS)

    @property
    def languages(self) -> frozenset[str]:
        return self._available()

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Transcription:
        chain = self._chain(language)
        avoid = self._broken.get(speaker) or ""
        rung, attempt, session = await chain.ask(lambda engine: engine.open(language, speaker, hints), avoid=avoid)
        if avoid:
            self._broken.set(speaker, "")
        return WatchedTranscription(session, attempt, rung, chain, lambda: self._note_break(speaker, rung.name))

    def _note_break(self, speaker: str, engine: str) -> None:
        self._broken.set(speaker, engine)


class ChosenTranslator(Chosen[tuple[str, str], HostedTranslator]):
    """The `Translator` of a whole system."""

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        return self._available()

    async def translate(self, request: TranslationRequest) -> str:
        chain = self._chain((request.source, request.target))
        _, attempt, text = await chain.ask(lambda engine: engine.translate(request))
        attempt.succeeded()
        return text

    async def warm(self, source: str, target: str) -> None:
        """Get ready for a pair, so that its first clause does not wait."""
        _, attempt, _ = await self._chain((source, target)).ask(lambda engine: engine.warm(source, target))
        attempt.left()


class ChosenVoicer(Chosen[str, HostedVoicer]):
    """The `Voicer` of a whole system. A clause is spoken by one engine from its first packet to its last."""

    @property
    def languages(self) -> frozenset[str]:
        return self._available()

    @property
    def imitates(self) -> bool:
        """Whether one of them can speak in somebody's own voice now."""
        return any(engine.imitates for engine in self._engines.values() if engine.available)

    def forget(self, voice_seed: str) -> None:
        """Have every engine let go of a speaker's own voice."""
        for engine in self._engines.values():
            engine.forget(voice_seed)

    async def packets(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        """Yield a clause's packets; see `Voicer`.

        Raises:
            BrokenOffError: it broke off behind its first packet, and the next clause has another engine.
        """
        chain = self._chain(request.language)
        rung, attempt, (first, rest) = await chain.ask(lambda engine: _begun(engine, request))
        try:
            async with aclosing(rest):
                for packet in first:
                    yield packet
                async for packet in rest:
                    yield packet
            attempt.succeeded()
        except EngineError as error:
            attempt.failed(error)
            if chain.has_other(rung):
                raise BrokenOffError(str(error)) from error
            raise
        finally:
            attempt.left()


async def _begun(
    engine: HostedVoicer, request: SynthesisRequest
) -> tuple[tuple[bytes, ...], AsyncGenerator[bytes, None]]:
    """Wait for a clause's first packet; give it, or nothing if there is none, and the rest."""
    packets = engine.packets(request)
    try:
        return (await anext(packets),), packets
    except StopAsyncIteration:
        return (), packets
    except BaseException:
        await packets.aclose()
        raise


def _together(stage: Stage, ladders: Iterable[Sequence[Hosted]]) -> EngineInfo:
    """Describe several engines as one: it is only as cheap, or streams, as all of them do.

    It serves as many at once as those do that stand first.
    """
    placed = [(place, engine.info) for ladder in ladders for place, engine in enumerate(ladder)]
    placed.sort(key=lambda each: (each[0], -each[1].quality))
    several = list({info.name: info for _, info in placed}.values())
    first = {info.name: info.concurrency for place, info in placed if place == 0}
    return EngineInfo(
        name=", ".join(info.name for info in several) or "none",
        stage=stage,
        licence=" AND ".join(dict.fromkeys(info.licence for info in several)),
        model_licence=" AND ".join(dict.fromkeys(info.model_licence for info in several)),
        where=several[0].where if several else "in process",
        streams=all(info.streams for info in several),
        concurrency=sum(first.values()),
        cheap=all(info.cheap for info in several),
        quality=max((info.quality for info in several), default=0),
    )
