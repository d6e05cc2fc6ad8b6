"""Two engines that hear together: a fast one for what is shown meanwhile, an accurate one for what stays."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

import structlog

from pipeline.engines.engine import EngineError, EngineInfo
from pipeline.engines.fallen import fallen
from pipeline.engines.settled import Settled
from pipeline.engines.transcriber import Hypothesis, Transcriber, Transcription
from pipeline.engines.who import who
from pipeline.messages.audio_chunk import BYTES_PER_MS

_log = structlog.get_logger(__name__)


def _never(_: str) -> bool:
    return False


class PairedTranscriber:
    """The `Transcriber` made of two. Their owners start and end them.

    A language that only one of them hears is heard by that one alone.
    """

    def __init__(self, fast: Transcriber, accurate: Transcriber, *, alike: Callable[[str], bool] = _never) -> None:
        """`alike` says of a language whether both would ask the same engine now; then one is enough."""
        self._fast = fast
        self._accurate = accurate
        self._alike = alike

    @property
    def info(self) -> EngineInfo:
        """As the accurate one, but it streams if the fast one does, and asks both."""
        fast, accurate = self._fast.info, self._accurate.info
        return EngineInfo(
            name=f"{accurate.name} with {fast.name}",
            stage=accurate.stage,
            licence=" AND ".join(dict.fromkeys((accurate.licence, fast.licence))),
            model_licence=" AND ".join(dict.fromkeys((accurate.model_licence, fast.model_licence))),
            where=accurate.where,
            streams=accurate.streams or fast.streams,
            concurrency=min(accurate.concurrency, fast.concurrency),
            quality=accurate.quality,
        )

    @classmethod
    def check(cls) -> None:
        """Find nothing missing: both were chosen because they work."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Leave both running; see the class."""

    @property
    def languages(self) -> frozenset[str]:
        return self._accurate.languages | self._fast.languages

    @property
    def fallen(self) -> Mapping[str, int]:
        """Those that the accurate chain's first engine does not hear now; see `Chosen`."""
        return fallen(self._accurate)

    def serving(self, language: str) -> str:
        """Name the engine whose words stay; see `Chosen`."""
        heard_by = self._accurate if language in self._accurate.languages else self._fast
        return who(heard_by, language, heard_by.info.name)

    async def open(self, language: str, speaker: str = "", hints: tuple[str, ...] = ()) -> Transcription:
        if language not in self._accurate.languages:
            return await self._fast.open(language, speaker, hints)
        if language not in self._fast.languages or self._alike(language):
            return await self._accurate.open(language, speaker, hints)
        opening = (self._accurate.open(language, speaker, hints), self._fast.open(language, speaker, hints))
        accurate, fast = await asyncio.gather(*opening, return_exceptions=True)
        if isinstance(accurate, BaseException) and isinstance(fast, BaseException):
            raise accurate
        return PairedTranscription(_opened(fast), _opened(accurate), language)


def _opened(outcome: Transcription | BaseException) -> Transcription | None:
    """Give what was opened, None where an engine could not.

    Raises:
        BaseException: what is no engine's failure.
    """
    if isinstance(outcome, EngineError):
        return None
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


class PairedTranscription:
    """One utterance in both. Whichever breaks, the other one goes on alone.

    The words: those of the accurate engine that are settled, and the fast one's behind them. `stable` counts the
    settled ones, so that nothing else is committed. The fast engine is waited for, the accurate one only at a peek and
    at the end: its sound waits here meanwhile, of which there is no more than an utterance has (32 kB a second).
    """

    def __init__(self, fast: Transcription | None, accurate: Transcription | None, language: str) -> None:
        """None for one that could not be opened."""
        self._fast = fast
        self._accurate = accurate
        # Why the one that broke last did so.
        self._error = EngineError("the utterance is over")
        self._settled = Settled()
        # What the accurate engine said last.
        self._precise = Hypothesis((), language)
        # Sound that it was not given yet, how much it was given, and the task that gives it.
        self._waiting: list[bytes] = []
        self._given_ms = 0
        self._giving: asyncio.Task[None] | None = None

    async def push(self, pcm: bytes) -> Hypothesis:
        self._give(pcm)
        if self._fast is not None:
            try:
                return self._merged(await self._fast.push(pcm))
            except EngineError as error:
                await self._lose_fast(error)
        await self._gave()
        if self._accurate is None:
            raise self._error
        return self._precise

    async def peek(self) -> Hypothesis:
        return await self._ask(lambda session: session.peek())

    async def finish(self) -> Hypothesis:
        final = await self._ask(lambda session: session.finish())
        await self.abort()
        return final

    async def abort(self) -> None:
        giving, self._giving = self._giving, None
        if giving is not None:
            giving.cancel()
            await asyncio.wait([giving])
        sessions, self._fast, self._accurate = (self._fast, self._accurate), None, None
        for session in sessions:
            if session is not None:
                await _forget(session)

    async def _ask(self, call: Callable[[Transcription], Awaitable[Hypothesis]]) -> Hypothesis:
        """Ask the accurate engine for all words, or else the fast one for those that the accurate one leaves."""
        await self._gave()
        if self._accurate is not None:
            try:
                return await call(self._accurate)
            except EngineError as error:
                await self._lose_accurate(error)
        if self._fast is None:
            raise self._error
        return self._merged(await call(self._fast))

    def _merged(self, fast: Hypothesis) -> Hypothesis:
        words, behind_ms = self._settled.words, self._settled.end_ms
        return Hypothesis(
            (*words, *(word for word in fast.words if word.start_ms + word.end_ms > 2 * behind_ms)),
            self._precise.language if words else fast.language,
            self._precise.language_probability if words else fast.language_probability,
            None if self._accurate is None else len(words),
        )

    def _give(self, pcm: bytes) -> None:
        """Let the accurate engine have sound as soon as it has done with what it was given before."""
        if self._accurate is None:
            return
        self._waiting.append(pcm)
        if self._giving is None or self._giving.done():
            self._giving = asyncio.create_task(self._give_all(self._accurate), name="accurate ears")

    async def _give_all(self, accurate: Transcription) -> None:
        while self._waiting:
            pcm, self._waiting = b"".join(self._waiting), []
            try:
                self._precise = await accurate.push(pcm)
            except EngineError as error:
                await self._lose_accurate(error)
                return
            self._given_ms += len(pcm) // BYTES_PER_MS
            self._settled.hear(self._precise, self._given_ms)

    async def _gave(self) -> None:
        """Wait until the accurate engine has had all sound so far."""
        if self._giving is not None:
            await asyncio.wait([self._giving])
            self._giving.result()

    async def _lose_accurate(self, error: EngineError) -> None:
        _log.warning("accurate_engine_lost", why=error.kind)
        lost, self._accurate, self._error = self._accurate, None, error
        self._waiting = []
        if lost is not None:
            await _forget(lost)

    async def _lose_fast(self, error: EngineError) -> None:
        _log.warning("fast_engine_lost", why=error.kind)
        lost, self._fast, self._error = self._fast, None, error
        if lost is not None:
            await _forget(lost)


async def _forget(session: Transcription) -> None:
    with contextlib.suppress(EngineError):
        await session.abort()
