"""Engines in processes of their own, behind the same protocols as any other."""

import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from typing import Self

from pipeline.engines import frames
from pipeline.engines.all_of import all_of
from pipeline.engines.child import Child
from pipeline.engines.engine import EngineError, EngineInfo
from pipeline.engines.frames import Frame, Heard, Translated
from pipeline.engines.keeper import Keeper
from pipeline.engines.settings import EngineSettings
from pipeline.engines.synthesizer import SynthesisRequest
from pipeline.engines.transcriber import Hypothesis
from pipeline.engines.translator import TranslationRequest

SPEAKERS = 1_000
"""Of so many speakers it is remembered which process heard them last."""


class Hosted:
    """An engine in one or more processes. Which of them does what is decided here: the one with the least to do."""

    def __init__(self, info: EngineInfo, module: str, settings: EngineSettings, *, processes: int = 1) -> None:
        self.info = info
        self._keepers: Sequence[Keeper] = [Keeper(module, settings) for _ in range(processes)]
        self._stack = contextlib.AsyncExitStack()

    @classmethod
    def check(cls) -> None:
        """Leave it to the process, which tells when it starts."""

    async def __aenter__(self) -> Self:
        """Start the processes, all at once; raises as `Child.start`."""
        async with contextlib.AsyncExitStack() as stack:
            await all_of(stack.enter_async_context(keeper) for keeper in self._keepers)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await all_of(keeper.__aexit__() for keeper in self._keepers)
        await self._stack.aclose()

    @property
    def healthy(self) -> bool:
        """Whether at least one of the processes can be asked now."""
        return any(keeper.healthy for keeper in self._keepers)

    @property
    def available(self) -> bool:
        """Whether requests are worth sending: healthy, or only just being started again."""
        return any(keeper.available for keeper in self._keepers)

    @property
    def restarts(self) -> int:
        """How often a process had to be started again."""
        return sum(keeper.restarts for keeper in self._keepers)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The operating system's numbers of the processes that live now."""
        return tuple(keeper.process_id for keeper in self._keepers if keeper.process_id is not None)

    def _choose(self, preferred: Keeper | None = None) -> Keeper:
        return min(self._keepers, key=lambda keeper: (not keeper.healthy, keeper.load, keeper is not preferred))


class HostedTranscriber(Hosted):
    """A `Transcriber`. An utterance stays with the process that began it, and fails with it."""

    def __init__(self, info: EngineInfo, module: str, settings: EngineSettings, *, processes: int = 1) -> None:
        super().__init__(info, module, settings, processes=processes)
        self.languages: frozenset[str] = frozenset()
        # A process that knows a voice is preferred to another that has as little to do.
        self._heard_by: OrderedDict[str, Keeper] = OrderedDict()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.languages = self._keepers[0].ready.languages
        return self

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> "HostedTranscription":
        keeper = self._choose(self._heard_by.get(speaker))
        self._remember(speaker, keeper)
        child = await keeper.child()
        asked = frames.Open(id=child.next_id(), language=language, speaker=speaker, hints=hints)
        try:
            await child.ask(asked)
        except BaseException:
            # It may have been opened all the same.
            child.tell(frames.Abort(id=child.next_id(), utterance=asked.id))
            raise
        return HostedTranscription(child, asked.id)

    def _remember(self, speaker: str, keeper: Keeper) -> None:
        self._heard_by[speaker] = keeper
        self._heard_by.move_to_end(speaker)
        if len(self._heard_by) > SPEAKERS:
            self._heard_by.popitem(last=False)


class HostedTranscription:
    """One utterance in another process; see `Transcription`."""

    def __init__(self, child: Child, id_: int) -> None:
        self._child = child
        self._id = id_
        self._over = False
        child.utterances += 1

    async def push(self, pcm: bytes) -> Hypothesis:
        return await self._ask(frames.Push(id=self._child.next_id(), utterance=self._id, pcm=pcm))

    async def peek(self) -> Hypothesis:
        return await self._ask(frames.Peek(id=self._child.next_id(), utterance=self._id))

    async def finish(self) -> Hypothesis:
        asked = frames.Finish(id=self._child.next_id(), utterance=self._id)
        if self._over:
            raise EngineError("the utterance is over")
        self._leave()
        return await self._ask(asked)

    async def abort(self) -> None:
        if not self._over:
            self._leave()
            self._child.tell(frames.Abort(id=self._child.next_id(), utterance=self._id))

    def _leave(self) -> None:
        self._over = True
        self._child.utterances -= 1

    async def _ask(self, frame: Frame) -> Hypothesis:
        answer = await self._child.ask(frame)
        if not isinstance(answer, Heard):
            raise EngineError(f"{type(answer).__name__}, where words were expected")
        return answer.hypothesis


class HostedTranslator(Hosted):
    """A `Translator`."""

    def __init__(self, info: EngineInfo, module: str, settings: EngineSettings, *, processes: int = 1) -> None:
        super().__init__(info, module, settings, processes=processes)
        self.pairs: frozenset[tuple[str, str]] = frozenset()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.pairs = self._keepers[0].ready.pairs
        return self

    async def translate(self, request: TranslationRequest) -> str:
        child = await self._choose().child()
        answer = await child.ask(frames.Translate(id=child.next_id(), request=request))
        if not isinstance(answer, Translated):
            raise EngineError(f"{type(answer).__name__}, where a translation was expected")
        return answer.text

    async def warm(self, source: str, target: str) -> None:
        """Get every process ready for a pair, so that its first clause does not wait."""
        children = [await keeper.child() for keeper in self._keepers]
        warming = (child.ask(frames.Warm(id=child.next_id(), source=source, target=target)) for child in children)
        await all_of(warming)


class HostedVoicer(Hosted):
    """A `Voicer`: the Opus encoder is in the engine's process too."""

    def __init__(self, info: EngineInfo, module: str, settings: EngineSettings, *, processes: int = 1) -> None:
        super().__init__(info, module, settings, processes=processes)
        self.languages: frozenset[str] = frozenset()
        # Whether it can speak in somebody's own voice.
        self.imitates = False

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        ready = self._keepers[0].ready
        self.languages, self.imitates = ready.languages, ready.imitates
        return self

    def forget(self, voice_seed: str) -> None:
        """Have every process let go of a speaker's own voice; one that is being started has none."""
        for keeper in self._keepers:
            keeper.tell(frames.Forget(voice_seed=voice_seed))

    async def packets(self, request: SynthesisRequest) -> AsyncGenerator[bytes, None]:
        child = await self._choose().child()
        async with contextlib.aclosing(child.packets(request)) as batches:
            async for batch in batches:
                for packet in batch:
                    yield packet
